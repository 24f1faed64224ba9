"""Alerts: what a night says to a webhook, and the ping that says that it ended well."""
