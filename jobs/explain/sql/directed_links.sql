-- Every link in both directions.
create temp view directed_links as
select
    id_type_a as from_type, id_value_a as from_value, id_type_b as to_type, id_value_b as to_value,
    first_message_id, first_seen_at, last_seen_at, observations
from fct_identity_links
union all
select
    id_type_b, id_value_b, id_type_a, id_value_a,
    first_message_id, first_seen_at, last_seen_at, observations
from fct_identity_links
