-- Links, the first seen first.
select
    from_type, from_value, to_type, to_value, first_message_id, first_seen_at, last_seen_at,
    observations
from {links}
where {condition}
order by first_seen_at, first_message_id, from_type, from_value, to_type, to_value
limit {limit}
