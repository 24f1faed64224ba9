select * from raw.config_segment_rules
