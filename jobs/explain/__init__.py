"""Why a result is as it is, read from the publication: what `lift explain` shows."""
