"""Audits of a candidate release, built from its dataset's contract. No Dagster here."""
