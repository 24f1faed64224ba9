"""Pages of reference: the keys of `lift.yml`, with a JSON Schema for editors, and the tables."""
