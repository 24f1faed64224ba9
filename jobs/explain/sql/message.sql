select
    message_id,
    file,
    row_number,
    source,
    type,
    event_name,
    original_event_name,
    occurred_at,
    timestamp_quality,
    received_at,
    user_id,
    anonymous_id,
    group_id,
    person_id,
    is_excluded,
    is_behaviour
from fct_events
where message_id = ?
