"""List the findings of the publication."""
