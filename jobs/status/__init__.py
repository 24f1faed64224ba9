"""`lift status`: how connections, sources, runs and publications do."""
