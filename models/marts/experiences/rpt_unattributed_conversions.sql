-- One row per conversion and vendor without a personalized view in its window, or that
-- the vendor did not receive.
with uncredited as (

    select
        *,
        {{ seconds_after('last_view_at', 'window_seconds') }} as closed_at
    from {{ ref('int_conversions_uncredited') }}

),

explained as (

    select
        *,
        case
            when last_view_at is null and next_view_at is null then 'never_exposed'
            -- A personalized view in the window would have the credit.
            when closed_at > occurred_at then 'control_only'
            when last_view_at is not null then 'outside_window'
            else 'before_exposure'
        end as reason
    from uncredited

)

select
    vendor,
    conversion,
    message_id,
    reason,
    -- Since the nearest window closed, or until the next view.
    case reason
        when 'outside_window' then {{ seconds_between('closed_at', 'occurred_at') }}
        when 'before_exposure' then {{ seconds_between('occurred_at', 'next_view_at') }}
    end as gap_seconds
from explained
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
