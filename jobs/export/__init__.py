"""The published tables as Parquet and CSV."""
