"""Resources: what touches the world outside (HTTP, disk, DuckDB, settings). Nothing here knows a dataset or imports Dagster."""
