"""The published file and its generations."""
