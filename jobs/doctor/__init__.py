"""Read the findings of a build."""
