"""Stage the landing zone and the files of the CRM."""
