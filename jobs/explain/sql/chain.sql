-- The links that the walk came along, from its start to an identifier.
with recursive chain as (
    select * from reached where id_type = ? and id_value = ?
    union all
    select reached.*
    from chain
    inner join reached
        on chain.from_type = reached.id_type and chain.from_value = reached.id_value
)
select
    from_type, from_value, id_type, id_value, first_message_id, first_seen_at, last_seen_at,
    observations
from chain
where distance > 0
order by distance
