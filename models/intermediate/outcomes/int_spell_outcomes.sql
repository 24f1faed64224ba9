-- One row per spell of a unit, conversion and day on which the unit converted inside
-- its window, or was refunded: that changes its value and no count.
select
    spells.vendor,
    spells.experience,
    spells.audience_segment,
    spells.period,
    spells.unit_id,
    spells.variant,
    spells.arm,
    spells.counted_from,
    spells.end_day,
    spells.is_last,
    conversions.conversion,
    conversions.occurred_at::date as outcome_day,
    {{ exact('count(*) filter (where not conversions.is_refund)') }} as conversions,
    {{ exact(
        'count(conversions.value_units) filter (where not conversions.is_refund)'
    ) }}
        as value_conversions,
    {{ exact('coalesce(sum(conversions.value_units), 0)') }} as value_units,
    list(distinct conversions.currency) filter (
        where not conversions.is_refund and conversions.currency is not null
    ) as currencies
from {{ ref('int_assignment_spells') }} as spells
inner join {{ ref('int_vendor_conversions') }} as conversions
    on spells.vendor = conversions.vendor
    and spells.unit_id = conversions.person_id
    -- The instant of exposure counts, the instant of the end does not.
    and spells.counted_from <= conversions.occurred_at
    and {{ seconds_after('spells.counted_from', 'conversions.window_seconds') }}
    > conversions.occurred_at
where spells.end_day is null or conversions.occurred_at::date < spells.end_day
group by all
