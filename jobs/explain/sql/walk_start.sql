-- Where a walk along links begins.
create or replace temp table reached as
select
    $id_type as id_type, $id_value as id_value, $is_strong as has_strong, 0 as distance,
    null::varchar as from_type, null::varchar as from_value,
    null::varchar as first_message_id, null::timestamp as first_seen_at,
    null::timestamp as last_seen_at, null::bigint as observations
