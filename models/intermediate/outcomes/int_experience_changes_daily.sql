-- One row per grain, conversion, variant, set of units and day on which any of its sums
-- changed, with the change. The units are all of them, those whose window had closed
-- when the day ended (matured), and those whose window has closed by now (matured_now).
{%- set final = outcome_sums('conversions', 'valued_conversions', 'value_units') %}
{%- set after = outcome_sums('conversions_after', 'valued_after', 'value_after') %}
{%- set before = outcome_sums('conversions_before', 'valued_before', 'value_before') %}
with units as (

    select
        *,
        crossed_at::date as crossed_day,
        (closes_at - interval 1 microsecond)::date as closed_day
    from {{ ref('int_unit_outcomes') }}

),

-- A unit comes without outcomes, is complete when its window closes, and takes all it
-- had added along when its spell ends.
presences as (

    select *, 'all' as units, first_day as changed_day, 1 as sign, 0 as outcome_sign
    from units
    union all
    select *, 'all' as units, end_day as changed_day, -1 as sign, -1 as outcome_sign
    from units
    where end_day is not null
    union all
    select
        *, 'matured' as units, closed_day as changed_day, 1 as sign, 1 as outcome_sign
    from units
    where end_day is null or closed_day < end_day
    union all
    select *, 'matured' as units, end_day as changed_day, -1 as sign, -1 as outcome_sign
    from units
    where closed_day < end_day
    union all
    select
        units.*,
        'matured_now' as units, units.first_day as changed_day,
        1 as sign, 1 as outcome_sign
    from units
    cross join {{ ref('int_as_of') }} as as_of
    where units.end_day is null and units.closes_at <= as_of.as_of

),

-- A unit's sums after each day on which it converted; squares change by the difference
-- of two states.
states as (

    select
        units.*,
        outcomes.outcome_day,
        sum(outcomes.conversions) over running as conversions_after,
        sum(outcomes.valued_conversions) over running as valued_after,
        sum(outcomes.value_units) over running as value_after,
        conversions_after - outcomes.conversions as conversions_before,
        valued_after - outcomes.valued_conversions as valued_before,
        value_after - outcomes.value_units as value_before
    from {{ ref('int_spell_outcomes') }} as outcomes
    inner join units
        on {{ same_spell('outcomes', 'units') }}
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
        vendor, experience, audience_segment, period, conversion, variant, units,
        changed_day,
        sign as visitors,
        -- Crossovers are left out of the split from the day they cross.
        (sign > 0 and (crossed_day is null or crossed_day > first_day))::integer
            as split_visitors,
        {{ weighed_sums(final, 'outcome_sign') }},
        {{ weighed_sums(covariate_sums(), 'sign') }}
    from presences
    union all
    select
        vendor, experience, audience_segment, period, conversion, variant,
        'all' as units,
        crossed_day as changed_day,
        0 as visitors,
        -1 as split_visitors,
        {{ zeros(final) }},
        {{ zeros(covariate_sums()) }}
    from units
    where crossed_day > first_day
    union all
    select
        vendor, experience, audience_segment, period, conversion, variant,
        'all' as units,
        outcome_day as changed_day,
        0 as visitors,
        0 as split_visitors,
        {{ changed_sums(after, before) }},
        {{ zeros(covariate_sums()) }}
    from states

)

select
    vendor,
    experience,
    audience_segment,
    period,
    conversion,
    variant,
    units,
    changed_day,
    {{ summed_outcomes() }}
from changes
group by all
