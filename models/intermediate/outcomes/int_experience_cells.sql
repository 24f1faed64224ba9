-- One row per grain, variant, cohort day, breakdown values and conversion, with sums
-- over counted units in whole numbers: values in units of 1/10,000.
{%- set sums = outcome_sums('conversions', 'valued_conversions', 'value_units') %}
{%- set pre_sums = covariate_sums() %}
with mixed as (

    select distinct vendor, experience, conversion
    from {{ ref('int_currencies_mixed') }}
    where mixed_to is null

),

summed as (

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
        {{ summed_units(pre_sums) }}
    from {{ ref('int_unit_outcomes') }} as units
    inner join {{ ref('int_unit_breakdowns') }} as breakdowns
        on {{ same_grain('units', 'breakdowns') }}
        and units.unit_id = breakdowns.unit_id
    where units.is_last and units.end_day is null
    group by all

)

select
    summed.vendor,
    summed.experience,
    summed.audience_segment,
    summed.period,
    summed.variant,
    summed.arm,
    summed.cohort_day,
    summed.conversion,
    {%- for breakdown in var('breakdowns') %}
    summed.{{ breakdown['column'] }},
    {%- endfor %}
    summed.visitors
    {%- for name in (sums.keys() | list) + (pre_sums.keys() | list) -%}
    {%- if 'value_' in name -%}
    ,
    -- Without a path to a value, or over two currencies, a sum of values is no figure.
    case
        when configured.has_value and mixed.vendor is null then summed.{{ name }}
    end as {{ name }}
    {%- else -%}
    ,
    summed.{{ name }}
    {%- endif -%}
    {%- endfor %}
from summed
inner join {{ ref('int_conversions_configured') }} as configured
    on summed.conversion = configured.conversion
left join mixed
    on summed.vendor = mixed.vendor
    and summed.experience = mixed.experience
    and summed.conversion = mixed.conversion
