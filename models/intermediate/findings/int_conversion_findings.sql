-- One row per finding about the conversions that figures are made of.
with days as (

    -- One that is dated after as-of is no sign of life.
    select
        conversions.conversion,
        conversions.occurred_at::date as day,
        count(*) as conversions
    from {{ ref('int_resolved_conversions') }} as conversions
    inner join {{ ref('int_as_of') }} as as_of
        on conversions.occurred_at < as_of.as_of::date + interval 1 day
    where conversions.is_first and not conversions.is_refund
    group by all

),

repeats as (

    select
        conversion,
        occurred_at <= {{ seconds_after(
            'lag(occurred_at) over (
                partition by conversion, person_id, type, event_name, properties_key
                order by occurred_at, received_at, message_id
            )', 2
        ) }} as is_repeated
    from {{ ref('int_resolved_conversions') }}

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
    value_problem as check_name,
    'warning' as severity,
    conversion as subject,
    case value_problem
        when 'value_out_of_range' then 'values beyond one billion either way; '
        else 'values that are no JSON number, such as numbers in quotes; '
    end || 'read as none, the conversion still counts' as detail,
    count(*) as finding_count
from {{ ref('int_resolved_conversions') }}
where value_problem is not null
group by value_problem, conversion
union all
select
    'possible_double_fire' as check_name,
    'warning' as severity,
    conversion as subject,
    'sent again within two seconds: the same person, event and properties under another'
    || ' message id' as detail,
    count(*) as finding_count
from repeats
where is_repeated
group by conversion
