-- One row per experience, audience segment (with (all)), period, unit and conversion.
with spells as (

    select * from {{ ref('int_assignment_intervals') }}
    where is_last

),

-- What a unit did in all of its window, also where a crossover keeps it out of figures.
outcomes as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        unit_id,
        conversion,
        count(*) filter (where is_in_window and not is_refund) as conversions,
        count(value_units) filter (where is_in_window and not is_refund)
            as valued_conversions,
        sum(value_units) filter (where is_in_window) as value_units,
        min(occurred_at) filter (where is_in_window and not is_refund)
            as first_converted_at,
        count(*) filter (where is_in_lookback and not is_refund) as pre_conversions,
        sum(value_units) filter (where is_in_lookback) as pre_value_units
    from {{ ref('int_interval_conversions') }}
    where is_last and (is_in_window or is_in_lookback)
    group by all

),

mixed as (

    select vendor, experience, conversion
    from {{ ref('int_mixed_currencies') }}
    where mixed_to is null

),

unit_outcomes as (

    select
        spells.*,
        configured.conversion,
        -- Without a path to a value, or over two currencies, a sum is no figure.
        configured.has_value and mixed.vendor is null as has_sum,
        {{ seconds_after('spells.counted_from', 'configured.window_seconds') }}
            as closes_at,
        outcomes.first_converted_at,
        coalesce(outcomes.conversions, 0) as conversions,
        coalesce(outcomes.valued_conversions, 0) as valued_conversions,
        {{ exact('coalesce(outcomes.value_units, 0)') }} as value_units,
        coalesce(outcomes.pre_conversions, 0) as pre_conversions,
        {{ exact('coalesce(outcomes.pre_value_units, 0)') }} as pre_value_units
    from spells
    cross join {{ source('raw', 'config_conversions') }} as configured
    left join outcomes
        on {{ same_grain('spells', 'outcomes') }}
        and spells.unit_id = outcomes.unit_id
        and configured.conversion = outcomes.conversion
    left join mixed
        on spells.vendor = mixed.vendor
        and spells.experience = mixed.experience
        and configured.conversion = mixed.conversion

)

select
    unit_outcomes.vendor,
    unit_outcomes.experience,
    unit_outcomes.audience_segment,
    unit_outcomes.period,
    vendor_units.unit_type,
    {{ published_unit_id('unit_outcomes', 'vendor_units') }} as unit_id,
    unit_outcomes.variant,
    unit_outcomes.arm,
    unit_outcomes.counted_from as first_exposed_at,
    unit_outcomes.conversion,
    unit_outcomes.conversions > 0 as is_converted,
    unit_outcomes.conversions,
    unit_outcomes.valued_conversions,
    case
        when unit_outcomes.has_sum
            then {{ exact_decimal('unit_outcomes.value_units', 4) }}
    end as value,
    unit_outcomes.first_converted_at,
    unit_outcomes.pre_conversions,
    case
        when unit_outcomes.has_sum
            then {{ exact_decimal('unit_outcomes.pre_value_units', 4) }}
    end as pre_value,
    -- Before anything is received, no window has closed.
    coalesce(unit_outcomes.closes_at <= as_of.as_of, false) as is_matured,
    unit_outcomes.end_day is null as is_counted
from unit_outcomes
inner join {{ source('raw', 'config_vendor_units') }} as vendor_units
    on {{ is_unit_of_type('unit_outcomes', 'vendor_units') }}
cross join {{ ref('int_as_of') }} as as_of
