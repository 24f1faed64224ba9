"""The results of a publication, and what changed in them since the one before."""
