"""From the landing zone to the raw tables: finds new files, stages them, keeps the ledger."""
