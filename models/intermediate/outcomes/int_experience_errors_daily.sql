with contrasts as (

    select * from {{ ref('int_experience_contrasts_daily') }}

),

arm_errors as (

    select
        *,
        control_variance / nullif(control_visitors, 0) as control_error,
        variant_variance / nullif(variant_visitors, 0) as variant_error
    from contrasts

),

log_arm_errors as (

    select
        *,
        {{ log_error_squared('control_error', 'control_mean', 'variant_mean') }}
            as control_log_error,
        {{ log_error_squared('variant_error', 'variant_mean', 'control_mean') }}
            as variant_log_error
    from arm_errors

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
        nullif(
            {{ welch_standard_error('control_log_error', 'variant_log_error') }}, 0
        ) as log_error,
        {{ welch_degrees_of_freedom(
            'control_log_error',
            'control_visitors',
            'variant_log_error',
            'variant_visitors',
        ) }} as log_freedom,
        {{ lift_standard_error(
            'control_error', 'control_mean', 'variant_error', 'variant_mean'
        ) }} as standard_error
    from log_arm_errors

)

select * from errors
