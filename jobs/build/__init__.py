"""Run dbt on the models."""
