"""Speed of ingest, demo and night as ratios against plain DuckDB: what `make bench` prints.

Nothing about time is asserted: a ratio is to be read beside the machine and its load.
"""
