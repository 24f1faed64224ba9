"""How Segment and the CRM write their files, and the rows that each layout holds."""
