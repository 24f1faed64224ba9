"""The scheduled job: ingest, build, publish, export."""
