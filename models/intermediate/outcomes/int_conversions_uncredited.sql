{{ config(
    materialized='incremental',
    unique_key='person_id',
    affected='int_affected_persons',
) }}
-- One row per conversion that a vendor counts and no personalized view gets credit for:
-- the last view before it and the next after it, of whichever arm.
with conversions as (

    select
        conversions.vendor,
        conversions.person_id,
        conversions.conversion,
        conversions.message_id,
        conversions.occurred_at,
        conversions.window_seconds
    from {{ ref('int_vendor_conversions') }} as conversions
    left join {{ ref('int_attribution_paths') }} as paths
        on conversions.vendor = paths.vendor
        and conversions.conversion = paths.conversion
        and conversions.message_id = paths.message_id
    where paths.message_id is null
        and not conversions.is_refund
    {% if is_incremental() %}
        and conversions.person_id in (
            select person_id from {{ ref('int_affected_persons') }}
        )
    {% endif %}

),

timeline as (

    select
        vendor,
        person_id,
        null as conversion,
        null as message_id,
        occurred_at,
        null as window_seconds,
        occurred_at as viewed_at
    from {{ ref('int_exposures') }}
    where person_id in (select conversions.person_id from conversions)
    union all
    select
        *,
        null as viewed_at
    from conversions

)

select
    * exclude (viewed_at),
    -- A view at the instant of the conversion comes before it.
    max(viewed_at) over (
        partition by vendor, person_id order by occurred_at, conversion is not null
        rows between unbounded preceding and current row
    ) as last_view_at,
    min(viewed_at) over (
        partition by vendor, person_id order by occurred_at, conversion is not null
        rows between current row and unbounded following
    ) as next_view_at
from timeline
qualify conversion is not null
