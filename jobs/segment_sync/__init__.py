"""Who joined and left rule segments, for the systems that act on it."""
