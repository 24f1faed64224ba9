-- One row per group key, group id and property: what the last call wrote.
select
    {{ text_literal(var('mixpanel')['group_key']) }} as group_key,
    profile_id as group_id,
    property,
    {{ as_json('value') }} as value,
    occurred_at as updated_at,
    message_id
from {{ ref('int_mixpanel_profile_updates') }}
where type = 'group'
qualify row_number() over (
        partition by profile_id, property
        order by occurred_at desc, received_at desc, message_id desc
    ) = 1
