"""Write who joined and left the rule segments, for the systems that act on it."""
