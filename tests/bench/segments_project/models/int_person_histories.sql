select
    null::varchar as person_id,
    null::timestamp as occurred_at,
    null::timestamp as received_at,
    null::varchar as message_id,
    null::struct(predicate integer, value varchar)[] as asked
where false
