-- One row per exposure, as Google Analytics gets it through Segment.
select
    exposures.message_id,
    exposures.vendor,
    -- A server may know no more than the user.
    coalesce(seen.anonymous_id, seen.user_id) as client_id,
    seen.user_id,
    seen.event_name as event,
    -- The three custom dimensions, as they were sent.
    exposures.experience as campaign_id,
    exposures.variant as variation_id,
    exposures.audience_segment as visitor_segment,
    exposures.exposed_at as occurred_at
from {{ ref('fct_exposures') }} as exposures
inner join {{ ref('int_exposures_seen') }} as seen
    on exposures.vendor = seen.vendor and exposures.message_id = seen.message_id
