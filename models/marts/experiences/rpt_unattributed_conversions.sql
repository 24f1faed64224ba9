-- One row per conversion and vendor without a personalized view in its window, or that
-- the vendor did not receive.
with counted as (

    select conversions.*
    from {{ ref('int_vendor_conversions') }} as conversions
    left join {{ ref('int_attribution_paths') }} as paths
        on conversions.vendor = paths.vendor
        and conversions.conversion = paths.conversion
        and conversions.message_id = paths.message_id
    where paths.message_id is null and not conversions.is_refund

),

views as (

    select vendor, person_id, occurred_at
    from {{ ref('int_exposures') }}
    where arm = 'personalized'

),

unexplained as (

    select
        counted.vendor,
        counted.conversion,
        counted.message_id,
        counted.occurred_at,
        counted.window_seconds,
        max(views.occurred_at) filter (
            where views.occurred_at <= counted.occurred_at
        ) as last_view_at,
        min(views.occurred_at) filter (
            where views.occurred_at > counted.occurred_at
        ) as next_view_at
    from counted
    left join views
        on counted.vendor = views.vendor and counted.person_id = views.person_id
    group by all

)

select
    vendor,
    conversion,
    message_id,
    case
        when last_view_at is not null then 'outside_window'
        when next_view_at is not null then 'before_exposure'
        else 'never_exposed'
    end as reason,
    -- Since the nearest window closed, else until the next view.
    case
        when last_view_at is not null
            then {{ seconds_between(
                seconds_after('last_view_at', 'window_seconds'), 'occurred_at'
            ) }}
        else {{ seconds_between('occurred_at', 'next_view_at') }}
    end as gap_seconds
from unexplained
union all
select
    vendor,
    conversion,
    message_id,
    drop_reason as reason,
    null as gap_seconds
from {{ ref('int_conversions_delivered') }}
where drop_reason is not null
    and is_first
    and not is_refund
    -- Another message told the vendor of the same conversion.
    and not is_value_counted
