"""The scheduled job: ingest, build, check, publish, export."""
