-- One row per distinct id and property: what the last call wrote.
select
    profile_id as distinct_id,
    property,
    {{ as_json('value') }} as value,
    occurred_at as updated_at,
    message_id
from {{ ref('int_mixpanel_profile_updates') }}
where type = 'identify'
qualify row_number() over (
        partition by profile_id, property
        order by occurred_at desc, received_at desc, message_id desc
    ) = 1
