-- The last step of every bridge is fct_experience_lift, to the last digit; where that
-- has no row, nobody is counted.
with bridge as (

    select
        vendor, experience, audience_segment, period, conversion, arm,
        visitors::hugeint as visitors,
        converters::hugeint as converters,
        value::double as value
    from {{ ref('rpt_vendor_bridge') }}
    where step = 'ours'

),

published as (

    select
        vendor, experience, audience_segment, period, conversion,
        'personalized' as arm,
        sum(variant_visitors) filter (where metric = 'conversion_rate') as visitors,
        sum(variant_converters) filter (where metric = 'conversion_rate')
            as converters,
        sum(variant_total) filter (where metric = 'value_per_visitor') as value
    from {{ ref('fct_experience_lift') }}
    where vendor in (select each.vendor from bridge as each)
    group by all
    union all
    select
        vendor, experience, audience_segment, period, conversion, 'control' as arm,
        max(control_visitors)::hugeint as visitors,
        max(control_converters)::hugeint as converters,
        max(control_total) filter (where metric = 'value_per_visitor') as value
    from {{ ref('fct_experience_lift') }}
    where vendor in (select each.vendor from bridge as each)
    group by all

)

select coalesce(bridge.vendor, published.vendor) as vendor
from bridge
full outer join published
    on {{ same_grain('bridge', 'published') }}
    and bridge.conversion = published.conversion
    and bridge.arm = published.arm
where bridge.vendor is null
    or bridge.visitors <> coalesce(published.visitors, 0)
    or bridge.converters <> coalesce(published.converters, 0)
    -- Totals of several variants are doubles, and their sum may round.
    or abs(bridge.value - coalesce(published.value, 0))
    > 1e-9 * greatest(1, abs(bridge.value))
    or (bridge.value is null and published.value is not null)
