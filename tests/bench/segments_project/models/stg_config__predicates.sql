select * from raw.config_predicates
