"""The report: the publication as pages that a browser opens without a server."""
