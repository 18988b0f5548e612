"""Knowledge, Skills and Behaviours: taxonomy, statement matching, evaluation, uncertainty. No Dagster here."""
