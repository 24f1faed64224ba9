-- One row per vendor that is set up, experience, audience segment (with (all)), period,
-- conversion, arm and step.
with

steps as (

    select
        *,
        row_number() over bridge as step_number,
        lag(visitors) over bridge as visitors_before,
        lag(converters) over bridge as converters_before,
        lag(value_units) over bridge as value_before
    from {{ ref('int_bridge_steps') }}
    window bridge as (
        partition by vendor, experience, audience_segment, period, conversion, arm
        order by place
    )

)

select
    vendor,
    experience,
    audience_segment,
    period,
    conversion,
    arm,
    step_number::integer as step_number,
    step,
    visitors::bigint as visitors,
    converters::bigint as converters,
    {{ exact_decimal('value_units', 4) }} as value,
    (visitors - visitors_before)::bigint as visitors_change,
    (converters - converters_before)::bigint as converters_change,
    {{ exact_decimal('(value_units - value_before)', 4) }} as value_change
from steps
