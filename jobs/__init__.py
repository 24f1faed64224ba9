"""The `lift` command and the steps of the night."""
