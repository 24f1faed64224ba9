select
    null::varchar as person_id,
    null::varchar as audience,
    null::boolean as is_member,
    null::timestamp as changed_at,
    null::timestamp as received_at,
    null::varchar as message_id
where false
