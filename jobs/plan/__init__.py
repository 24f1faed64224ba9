"""What the configuration matches on the data already landed: what `lift plan` shows."""
