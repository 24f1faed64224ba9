-- The identifiers of a person: what names it before what is only a device's, each after the
-- one it hangs on.
with owned as (
    select
        id_type,
        id_value,
        any_value(link_count) as link_count,
        list([owned_from, owned_to] order by owned_from nulls first) as intervals
    from dim_identifiers
    where person_id = ?
    group by id_type, id_value
)
select
    owned.id_type, owned.id_value, owned.link_count, owned.intervals,
    reached.from_type, reached.from_value, reached.first_message_id, reached.first_seen_at,
    reached.last_seen_at, reached.observations
from owned
left join reached on owned.id_type = reached.id_type and owned.id_value = reached.id_value
order by
    owned.id_type not in ('user_id', 'email'), reached.distance nulls last, reached.first_seen_at,
    owned.id_type, owned.id_value
limit {limit}
