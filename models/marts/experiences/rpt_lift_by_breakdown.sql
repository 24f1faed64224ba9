-- One row per grain, conversion, metric, variant, breakdown of lift.yml and its value.
{%- set cell = [
    'vendor', 'experience', 'audience_segment', 'period',
    'conversion', 'metric', 'breakdown', 'value',
] %}
with arms as (

    select * from {{ ref('int_breakdown_arms') }}

),

conversions as (

    select * from {{ ref('int_conversions_configured') }}

),

cells as (

    select {{ cell | join(', ') }}
    from arms
    group by all

),

contrasts as (

    -- As in fct_experience_lift: where no variant has a unit, there is one row of none.
    select
        cells.*,
        conversions.is_main,
        coalesce(variants.variant, '(none)') as variant,
        {{ mean_difference(
            'variants.numerator', 'variants.denominator',
            'controls.numerator', 'controls.denominator',
        ) }} / variants.unit_scale as difference,
        controls.mean as control_mean,
        controls.variance / controls.visitors as control_error,
        variants.mean as variant_mean,
        variants.variance / variants.visitors as variant_error,
        coalesce(controls.visitors, 0) as control_visitors,
        coalesce(controls.converters, 0) as control_converters,
        coalesce(variants.visitors, 0) as variant_visitors,
        coalesce(variants.converters, 0) as variant_converters
    from cells
    inner join conversions on cells.conversion = conversions.conversion
    left join arms as controls
        on {{ same_grain('cells', 'controls', cell) }}
        and controls.arm = 'control'
    left join arms as variants
        on {{ same_grain('cells', 'variants', cell) }}
        and variants.arm = 'personalized'

),

log_errors as (

    select
        *,
        {{ log_error_squared('control_error', 'control_mean', 'variant_mean') }}
            as control_log_error,
        {{ log_error_squared('variant_error', 'variant_mean', 'control_mean') }}
            as variant_log_error
    from contrasts

),

-- Without variance in both arms there is no error to divide by: null, not zero.
distances as (

    select
        *,
        {{ two_sided_t_quantile(welch_degrees_of_freedom(
            'control_log_error', 'control_visitors',
            'variant_log_error', 'variant_visitors'
        )) }} * nullif(
            {{ welch_standard_error('control_log_error', 'variant_log_error') }}, 0
        ) as log_distance,
        {{ is_sample_sufficient(
            'control_visitors',
            'variant_visitors',
            'control_converters + variant_converters',
        ) }} as is_sufficient
    from log_errors

)

select
    vendor,
    experience,
    audience_segment,
    period,
    conversion,
    is_main,
    metric,
    variant,
    breakdown,
    value,
    control_visitors,
    control_converters,
    {{ finite('control_mean') }} as control_mean,
    variant_visitors,
    variant_converters,
    {{ finite('variant_mean') }} as variant_mean,
    {{ finite('difference / nullif(abs(control_mean), 0)') }} as lift,
    {{ finite(log_interval_bound('variant_mean', 'control_mean', '-log_distance')) }}
        as lift_ci_lower,
    {{ finite(log_interval_bound('variant_mean', 'control_mean', 'log_distance')) }}
        as lift_ci_upper,
    not is_sufficient as is_small
from distances
