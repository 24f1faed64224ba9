-- One row per grain, conversion, variant and day on which any of its sums changed, with
-- the change.
with spells as (

    select
        spells.*,
        conversions.conversion,
        spells.crossed_at::date as crossed_day
    from {{ ref('int_assignment_spells') }} as spells
    cross join {{ ref('int_conversions_configured') }} as conversions
    where spells.end_day is null or spells.first_day < spells.end_day

),

-- A unit's sums after each day on which it converted; squares change by the difference
-- of two states.
states as (

    select
        *,
        sum(conversions) over running as conversions_after,
        sum(value_conversions) over running as value_conversions_after,
        sum(value_units) over running as value_after
    from {{ ref('int_spell_outcomes') }}
    window running as (
        partition by
            vendor, experience, audience_segment, period, conversion, unit_id, variant,
            counted_from
        order by outcome_day
    )

),

moved as (

    select
        *,
        conversions_after - conversions as conversions_before,
        value_conversions_after - value_conversions as value_conversions_before,
        value_after - value_units as value_before
    from states

),

changes as (

    select
        vendor, experience, audience_segment, period, conversion, variant, arm,
        first_day as changed_day,
        1 as visitors,
        (crossed_day is null or crossed_day > first_day)::integer as split_visitors,
        {{ zero_outcomes() }}
    from spells
    union all
    select
        vendor, experience, audience_segment, period, conversion, variant, arm,
        end_day as changed_day,
        -1 as visitors,
        0 as split_visitors,
        {{ zero_outcomes() }}
    from spells
    where end_day is not null
    union all
    select
        vendor, experience, audience_segment, period, conversion, variant, arm,
        crossed_day as changed_day,
        0 as visitors,
        -1 as split_visitors,
        {{ zero_outcomes() }}
    from spells
    where crossed_day > first_day
    union all
    select
        vendor, experience, audience_segment, period, conversion, variant, arm,
        outcome_day as changed_day,
        0 as visitors,
        0 as split_visitors,
        (conversions_before = 0 and conversions_after > 0)::integer as converters,
        conversions,
        {{ square_change('conversions') }} as conversions_sum_squares,
        value_conversions,
        {{ square_change('value_conversions') }} as value_conversions_sum_squares,
        value_units as value_sum,
        {{ square_change('value') }} as value_sum_squares,
        value_after * value_conversions_after - value_before * value_conversions_before
            as value_product
    from moved
    union all
    -- A spell that ends takes back all it had added.
    select
        vendor, experience, audience_segment, period, conversion, variant, arm,
        end_day as changed_day,
        0 as visitors,
        0 as split_visitors,
        -(conversions_after > 0)::integer as converters,
        -conversions_after as conversions,
        -conversions_after * conversions_after as conversions_sum_squares,
        -value_conversions_after as value_conversions,
        -value_conversions_after * value_conversions_after
            as value_conversions_sum_squares,
        -value_after as value_sum,
        -value_after * value_after as value_sum_squares,
        -value_after * value_conversions_after as value_product
    from moved
    where end_day is not null
    qualify
        row_number() over (
            partition by
                vendor, experience, audience_segment, period, conversion, unit_id,
                variant, counted_from
            order by outcome_day desc
        ) = 1

)

select
    vendor,
    experience,
    audience_segment,
    period,
    conversion,
    variant,
    arm,
    changed_day,
    {{ summed_outcomes() }}
from changes
group by all
