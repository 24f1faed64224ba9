-- One row per change: the identify call that a destination receives.
select
    'identify' as type,
    'lift_' || sha256(
        json_array(key, id_type, id_value, is_member, told_at::varchar)::varchar
    ) as "messageId",
    case when id_type = 'user_id' then id_value end as "userId",
    case when id_type = 'anonymous_id' then id_value end as "anonymousId",
    strftime(told_at, '%Y-%m-%dT%H:%M:%S.%fZ') as "timestamp",
    json_object(key, is_member) as traits,
    json_object('personas', json_object(
        'computation_class', 'audience',
        'computation_id', 'lift_' || key,
        'computation_key', key,
        'namespace', 'segment_lift',
        'space_id', 'segment_lift'
    )) as context,
    json_object() as integrations
from changes
