-- One row per grain, conversion, variant and day on which units converted or were
-- refunded, with what that changes in the sums over them.
{%- set after = outcome_sums('conversions_after', 'valued_after', 'value_after') %}
{%- set before = outcome_sums('conversions_before', 'valued_before', 'value_before') %}
with units as (

    select * from {{ ref('int_unit_outcomes') }}

),

-- A unit's sums after each day on which it converted; squares change by the difference
-- of two states.
states as (

    select
        outcomes.vendor, outcomes.experience, outcomes.audience_segment,
        outcomes.period, outcomes.conversion, outcomes.variant, outcomes.outcome_day,
        units.pre_conversions, units.pre_value,
        sum(outcomes.conversions) over running as conversions_after,
        sum(outcomes.valued_conversions) over running as valued_after,
        sum(outcomes.value_units) over running as value_after,
        conversions_after - outcomes.conversions as conversions_before,
        valued_after - outcomes.valued_conversions as valued_before,
        value_after - outcomes.value_units as value_before
    from {{ ref('int_interval_outcomes') }} as outcomes
    inner join units
        on {{ same_interval('outcomes', 'units') }}
        and outcomes.conversion = units.conversion
    window running as (
        partition by
            outcomes.vendor, outcomes.experience, outcomes.audience_segment,
            outcomes.period, outcomes.conversion, outcomes.unit_id, outcomes.variant,
            outcomes.counted_from
        order by outcomes.outcome_day
    )

),

changes as (

    select
        vendor, experience, audience_segment, period, conversion, variant,
        outcome_day as changed_day,
        {{ changed_sums(after, before) }}
    from states

)

select
    vendor,
    experience,
    audience_segment,
    period,
    conversion,
    variant,
    changed_day,
    {{ summed_again(after) }}
from changes
group by all
