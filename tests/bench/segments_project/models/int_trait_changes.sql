select * from trait_changes
