{{ config(materialized='view') }}
-- One row per exposure and vendor, with the arm of its variant.
select
    views.message_id,
    views.vendor,
    views.experience,
    views.audience_segment,
    views.variant,
    arms.arm,
    views.sent_arm,
    views.variation,
    views.person_id,
    views.unit_id,
    views.event_name,
    views.occurred_at,
    views.received_at,
    views.user_id,
    views.anonymous_id,
    views.source
from {{ ref('int_resolved_exposures') }} as views
inner join {{ ref('int_variant_arms') }} as arms
    on views.vendor = arms.vendor
    and views.experience = arms.experience
    and views.variant = arms.variant
where views.incomplete_reason is null
