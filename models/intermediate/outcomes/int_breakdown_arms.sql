-- One row per grain, conversion, metric, breakdown of lift.yml, value of it, arm and
-- variant (of control none: its variants are one), with mean and variance of its units.
with metrics as (

    select
        configured.conversion,
        known.metric,
        case when known.is_value then 10000 else 1 end as unit_scale
    from {{ ref('int_conversions_configured') }} as configured
    inner join (
        values
        ('conversion_rate', false),
        ('conversions_per_visitor', false),
        ('value_per_visitor', true),
        ('value_per_conversion', true)
    ) as known (metric, is_value)
        on configured.has_value or not known.is_value

),

slices as (

    {% for breakdown in var('breakdowns') -%}
    select
        *,
        {{ text_literal(breakdown['column']) }} as breakdown,
        cast({{ breakdown['column'] }} as varchar) as value
    from {{ ref('int_experience_cells') }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select *, cast(null as varchar) as breakdown, cast(null as varchar) as value
    from {{ ref('int_experience_cells') }}
    where false
    {% endfor %}
),

arms as (

    select
        vendor, experience, audience_segment, period, conversion, breakdown, value, arm,
        case when arm = 'personalized' then variant end as variant,
        {% for name in [
            'conversions', 'conversions_sum_squares',
            'valued_conversions', 'valued_conversions_sum_squares',
            'value_sum', 'value_sum_squares', 'value_valued_conversions_sum',
        ] -%}
        {{ exact('sum(' ~ name ~ ')') }} as {{ name }},
        {% endfor -%}
        cast(sum(visitors) as bigint) as visitors,
        cast(sum(converters) as bigint) as converters
    from slices
    group by all

),

metric_sums as (

    select
        arms.*,
        metrics.metric,
        metrics.unit_scale,
        {{ exact(metric_numerator('arms')) }} as numerator,
        {{ exact(metric_numerator_squares('arms')) }} as numerator_squares,
        {{ exact(metric_product('arms')) }} as product,
        {{ exact(metric_denominator('arms')) }} as denominator,
        {{ exact(metric_denominator_squares('arms')) }} as denominator_squares
    from arms
    inner join metrics on arms.conversion = metrics.conversion

),

centres as (

    select
        *,
        {{ nearest_whole_ratio('numerator', 'denominator') }} as shift
    from metric_sums

),

shifted as (

    select
        *,
        numerator - shift * denominator as shifted_sum,
        product - shift * denominator_squares as shifted_product,
        {{ null_on_overflow(
            'numerator_squares - 2 * shift * product'
            ~ ' + shift * shift * denominator_squares'
        ) }} as shifted_squares
    from centres

),

residuals as (

    select
        *,
        {{ residual_sum_squares(
            'shifted_sum', 'shifted_squares', 'shifted_product', 'denominator',
            'denominator_squares'
        ) }} as residual_squares
    from shifted

)

select
    vendor, experience, audience_segment, period, conversion, metric, breakdown, value,
    arm,
    variant,
    visitors,
    converters,
    numerator,
    denominator,
    unit_scale,
    cast(numerator as double) / nullif(denominator, 0) / unit_scale as mean,
    {{ ratio_variance('residual_squares', 'visitors', 'denominator') }}
    / power(unit_scale, 2) as variance
from residuals
