-- The first step of every bridge and all changes after it add up to the last step. A
-- figure that is null in a step (a value over two currencies, what a vendor does not
-- report) has no change there; what follows it adds up again.
with bridges as (

    select
        *,
        lag(visitors) over bridge as visitors_before,
        lag(converters) over bridge as converters_before,
        lag(value) over bridge as value_before,
        lag(step_number) over bridge as number_before
    from {{ ref('rpt_vendor_bridge') }}
    window bridge as (
        partition by vendor, experience, audience_segment, period, conversion, arm
        order by step_number
    )

),

sums as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        conversion,
        arm,
        sum(visitors_change) filter (where step <> 'vendor_rules') as visitors_changes,
        sum(converters_change) filter (where step <> 'vendor_rules')
            as converters_changes,
        sum(value_change) filter (where step <> 'vendor_rules') as value_changes,
        min(visitors) filter (where step = 'vendor_rules') as visitors_first,
        min(converters) filter (where step = 'vendor_rules') as converters_first,
        min(value) filter (where step = 'vendor_rules') as value_first,
        min(visitors) filter (where step = 'ours') as visitors_last,
        min(converters) filter (where step = 'ours') as converters_last,
        min(value) filter (where step = 'ours') as value_last,
        count(value) filter (where step <> 'vendor_reported') = 8 as has_value
    from bridges
    group by all

)

select 'a change is not the difference of two steps' as problem, vendor, experience
from bridges
where visitors_change is distinct from visitors - visitors_before
    or converters_change is distinct from converters - converters_before
    or value_change is distinct from value - value_before
    or step_number <> coalesce(number_before, 0) + 1
union all
select 'changes leave a remainder' as problem, vendor, experience
from sums
where visitors_first + visitors_changes is distinct from visitors_last
    or converters_first + converters_changes is distinct from converters_last
    or (has_value and value_first + value_changes is distinct from value_last)
