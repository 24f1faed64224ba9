"""What `lift.yml` may hold: the JSON Schema for editors, and the page of reference."""
