select
    null::varchar as person_id,
    null::integer as predicate,
    null::timestamp as held_from,
    null::timestamp as held_to
where false
