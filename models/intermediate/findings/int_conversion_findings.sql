-- One row per finding about the conversions that figures are made of.
with days as (

    -- One that is dated after as-of is no sign of life.
    select
        conversions.conversion,
        conversions.occurred_at::date as day,
        count(*) as conversions
    from {{ ref('int_conversions_recognised') }} as conversions
    inner join {{ ref('int_as_of') }} as as_of
        on conversions.occurred_at < as_of.as_of::date + interval 1 day
    where conversions.is_first and not conversions.is_refund
    group by all

)

select
    'conversion_silent' as check_name,
    'warning' as severity,
    days.conversion as subject,
    'none since ' || max(days.day) || ', after '
    || sum(days.conversions) filter (where days.day > as_of.as_of::date - 17)
    || ' in the two weeks before; the event may have been renamed or have stopped'
        as detail,
    1 as finding_count
from days
cross join {{ ref('int_as_of') }} as as_of
group by days.conversion, as_of.as_of
having max(days.day) < as_of.as_of::date - 2
    and sum(days.conversions) filter (where days.day > as_of.as_of::date - 17) >= 20
union all
select
    'refund_outside_window' as check_name,
    'info' as severity,
    units.conversion as subject,
    'refunds after the window in which their unit converted; they take nothing back'
        as detail,
    count(distinct refunds.message_id) as finding_count
from {{ ref('int_unit_conversions') }} as refunds
inner join {{ ref('int_unit_outcomes') }} as units
    on refunds.vendor = units.vendor
    and refunds.unit_id = units.unit_id
    and refunds.conversion = units.conversion
    and refunds.occurred_at >= units.closes_at
where refunds.is_refund and units.conversions > 0
group by units.conversion
union all
select
    'value_out_of_range' as check_name,
    'warning' as severity,
    conversion as subject,
    'values beyond one billion either way; read as none, the conversion still counts'
        as detail,
    count(*) as finding_count
from {{ ref('int_conversions_recognised') }}
where is_out_of_range
group by conversion
