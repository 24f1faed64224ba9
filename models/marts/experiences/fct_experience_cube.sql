{{ config(post_hook=comments_on_breakdowns()) }}
-- One row per experience, audience segment (with (all)), period, variant, cohort day,
-- breakdown values and conversion, with sums over its units: any breakdown, and any of
-- them together, is a GROUP BY.
{%- set sums = outcome_sums('conversions', 'valued_conversions', 'value_units') %}
with mixed as (

    select distinct vendor, experience, conversion
    from {{ ref('int_currencies_mixed') }}
    where mixed_to is null

),

sums as (

    select
        units.vendor,
        units.experience,
        units.audience_segment,
        units.period,
        units.variant,
        units.arm,
        units.first_day as cohort_day,
        units.conversion,
        {%- for breakdown in var('breakdowns') %}
        breakdowns.{{ breakdown['column'] }},
        {%- endfor %}
        count(*) as visitors,
        {{ summed_units(sums) }},
        {{ summed_units(covariate_sums()) }}
    from {{ ref('int_unit_outcomes') }} as units
    inner join {{ ref('int_unit_breakdowns') }} as breakdowns
        on {{ same_grain('units', 'breakdowns') }}
        and units.unit_id = breakdowns.unit_id
    where units.is_last and units.end_day is null
    group by all

)

select
    sums.vendor,
    sums.experience,
    sums.audience_segment,
    sums.period,
    sums.variant,
    sums.arm,
    sums.cohort_day,
    sums.conversion,
    {%- for breakdown in var('breakdowns') %}
    sums.{{ breakdown['column'] }},
    {%- endfor %}
    sums.visitors,
    -- Without a path to a value, or over two currencies, a sum of values is no figure.
    {{ cube_sums('configured.has_value and mixed.vendor is null') }}
from sums
inner join {{ ref('int_conversions_configured') }} as configured
    on sums.conversion = configured.conversion
left join mixed
    on sums.vendor = mixed.vendor
    and sums.experience = mixed.experience
    and sums.conversion = mixed.conversion
