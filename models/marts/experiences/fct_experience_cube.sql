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
        {% for name, sum in (sums.items() | list) + (covariate_sums().items() | list) -%}
        {{ exact('sum(' ~ sum ~ ')') }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
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
    {% for name in (sums.keys() | list) + (covariate_sums().keys() | list) -%}
    {%- if 'value_' not in name -%}
    sums.{{ name }}::bigint as {{ name }}
    {%- else -%}
    -- Nor is a sum over two currencies a figure.
    case when configured.has_value and mixed.vendor is null
        then {{ cube_sum(name) }} end as {{ name }}
    {%- endif %}{{ ',' if not loop.last }}
    {% endfor %}
from sums
inner join {{ ref('int_conversions_configured') }} as configured
    on sums.conversion = configured.conversion
left join mixed
    on sums.vendor = mixed.vendor
    and sums.experience = mixed.experience
    and sums.conversion = mixed.conversion
