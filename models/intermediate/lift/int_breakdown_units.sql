-- One row per study, breakdown of lift.yml and value of it, variant, conversion and
-- what units had done: how many such units there are at the last look.
with

cells as (select * from {{ ref('int_cube_cells') }}),

breakdowns as (

    {% for breakdown in var('breakdowns') -%}
    select
        *,
        {{ text_literal(breakdown['column']) }} as breakdown,
        cast({{ breakdown['column'] }} as varchar) as value
    from cells
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        *,
        cast(null as varchar) as breakdown,
        cast(null as varchar) as value
    from cells
    where false
    {% endfor %}
),

final as (

    select
        study_id, breakdown, value, variant, arm, conversion,
        conversions, valued_conversions, value_units, pre_conversions, pre_value,
        sum(visitors) as visitors
    from breakdowns
    group by all

)

select * from final
