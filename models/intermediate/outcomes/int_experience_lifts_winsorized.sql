-- One row per grain, conversion, metric and personalized variant with its lift over
-- capped totals. Of one look: it decides nothing.
with contrasts as (

    select
        *,
        control_variance / control_visitors as control_error,
        variant_variance / variant_visitors as variant_error
    from {{ ref('int_experience_contrasts_winsorized') }}

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
errors as (

    select
        *,
        nullif({{ welch_standard_error('control_error', 'variant_error') }}, 0)
            as absolute_error,
        {{ welch_degrees_of_freedom(
            'control_error', 'control_visitors', 'variant_error', 'variant_visitors'
        ) }} as absolute_freedom,
        {{ two_sided_t_quantile(welch_degrees_of_freedom(
            'control_log_error', 'control_visitors',
            'variant_log_error', 'variant_visitors'
        )) }} * nullif(
            {{ welch_standard_error('control_log_error', 'variant_log_error') }}, 0
        ) as log_distance
    from log_errors

)

select
    vendor,
    experience,
    audience_segment,
    period,
    conversion,
    metric,
    variant,
    cap as winsorized_cap,
    control_mean as winsorized_control_mean,
    variant_mean as winsorized_variant_mean,
    difference / nullif(abs(control_mean), 0) as winsorized_lift,
    {{ log_interval_bound('variant_mean', 'control_mean', '-log_distance') }}
        as winsorized_lift_ci_lower,
    {{ log_interval_bound('variant_mean', 'control_mean', 'log_distance') }}
        as winsorized_lift_ci_upper,
    student_t_two_sided_p(
        difference / absolute_error, absolute_freedom
    ) as winsorized_p_value
from errors
