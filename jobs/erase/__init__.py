"""Remove persons everywhere."""
