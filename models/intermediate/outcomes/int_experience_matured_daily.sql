-- One row per grain, conversion, metric, variant and day, over its matured units: those
-- whose window had closed when the day ended, or, on the last look, by now.
with arms as (

    select * from {{ ref('int_arm_metrics_measured_daily') }}
    where units = 'matured'

),

-- Mixed currencies make no sum.
contrasts as (

    select
        contrasts.vendor,
        contrasts.experience,
        contrasts.audience_segment,
        contrasts.period,
        contrasts.conversion,
        contrasts.metric,
        contrasts.as_of_date,
        contrasts.variant,
        controls.mean as control_mean,
        controls.variance / controls.visitors as control_error,
        variants.mean as variant_mean,
        variants.variance / variants.visitors as variant_error,
        {{ mean_difference(
            'variants.numerator', 'variants.denominator',
            'controls.numerator', 'controls.denominator',
        ) }} / variants.unit_scale as difference,
        coalesce(controls.visitors, 0) as control_visitors,
        coalesce(controls.converters, 0) as control_converters,
        case
            when contrasts.control_total is not null then coalesce(controls.total, 0)
        end as control_total,
        coalesce(variants.visitors, 0) as variant_visitors,
        coalesce(variants.converters, 0) as variant_converters,
        case
            when contrasts.variant_total is not null then coalesce(variants.total, 0)
        end as variant_total
    from {{ ref('int_experience_contrasts_daily') }} as contrasts
    left join arms as controls
        on {{ same_grain('contrasts', 'controls') }}
        and contrasts.conversion = controls.conversion
        and contrasts.metric = controls.metric
        and contrasts.as_of_date = controls.as_of_date
        and controls.arm = 'control'
    left join arms as variants
        on {{ same_contrast('contrasts', 'variants') }}

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

errors as (

    select
        *,
        {{ two_sided_t_quantile(welch_degrees_of_freedom(
            'control_log_error', 'control_visitors',
            'variant_log_error', 'variant_visitors'
        )) }} * nullif(
            {{ welch_standard_error('control_log_error', 'variant_log_error') }}, 0
        ) as log_distance
    from log_errors

)

select
    {{ all_columns_but([
        'control_error', 'variant_error', 'control_log_error', 'variant_log_error',
        'difference', 'log_distance',
    ]) }},
    difference / nullif(abs(control_mean), 0) as lift,
    {{ log_interval_bound('variant_mean', 'control_mean', '-log_distance') }}
        as lift_ci_lower,
    {{ log_interval_bound('variant_mean', 'control_mean', 'log_distance') }}
        as lift_ci_upper
from errors
