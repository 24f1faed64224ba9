"""What `make bench` prints: speed as ratios against plain DuckDB, and how often lift is right.

Nothing about time is asserted: a ratio is to be read beside the machine and its load. The shares of
the simulation are: it draws the same experiments each time.
"""
