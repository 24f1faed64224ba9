-- One row per exposure, as Google Analytics gets it through Segment.
select
    message_id,
    vendor,
    -- A server may know no more than the user.
    coalesce(anonymous_id, user_id) as client_id,
    user_id,
    event_name as event,
    -- The three custom dimensions, as they were sent.
    experience as campaign_id,
    variant as variation_id,
    audience_segment as visitor_segment,
    occurred_at
from {{ ref('int_exposures') }}
