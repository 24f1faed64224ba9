-- One row per contrast with every figure of that look; what cannot be computed is null.
with

contrasts as (select * from {{ ref('int_contrasts') }}),

mean_variances as (

    select
        *,
        control_visitors + variant_visitors as visitors,
        control_variance / nullif(control_visitors, 0) as control_mean_variance,
        variant_variance / nullif(variant_visitors, 0) as variant_mean_variance,
        {{ log_mean_variance('control_mean_variance', 'control_mean', 'variant_mean') }}
            as control_log_variance,
        {{ log_mean_variance('variant_mean_variance', 'variant_mean', 'control_mean') }}
            as variant_log_variance
    from contrasts

),

-- Without variance in both arms no error can be divided by: null, not zero.
standard_errors as (

    select
        *,
        nullif(sqrt(control_mean_variance + variant_mean_variance), 0)
            as difference_standard_error,
        {{ welch_degrees_of_freedom(
            'control_mean_variance', 'control_visitors',
            'variant_mean_variance', 'variant_visitors'
        ) }} as degrees_of_freedom,
        nullif(sqrt(control_log_variance + variant_log_variance), 0)
            as log_standard_error,
        {{ welch_degrees_of_freedom(
            'control_log_variance', 'control_visitors',
            'variant_log_variance', 'variant_visitors'
        ) }} as log_degrees_of_freedom,
        {{ lift_variance(
            'control_mean_variance', 'control_mean',
            'variant_mean_variance', 'variant_mean'
        ) }} as lift_variance
    from mean_variances

),

half_widths as (

    select
        *,
        absolute_difference / nullif(abs(control_mean), 0) as lift,
        absolute_difference / difference_standard_error as z,
        {{ two_sided_t_quantile('degrees_of_freedom') }} * difference_standard_error
            as half_width,
        {{ two_sided_t_quantile('log_degrees_of_freedom') }} * log_standard_error
            as log_half_width,
        {{ sequential_quantile('visitors') }} * log_standard_error
            as sequential_half_width,
        1 / nullif(lift_variance, 0)
        + coalesce(1 / power({{ statistics_setting('prior_stddev') }}, 2), 0)
            as posterior_precision,
        {{ detectable_variance('control_variance', 'control_mean') }}
            as detectable_variance
    from standard_errors

),

posteriors as (

    select
        *,
        1 / sqrt(posterior_precision) as posterior_stddev,
        {{ posterior_mean('lift', 'lift_variance', 'posterior_precision') }}
            as posterior_mean
    from half_widths

),

final as (

    select
        study_id, pooled_study_id, population, breakdown, value, conversion, is_main,
        metric, as_of_date, variant, arm, crossover_visitors,
        control_visitors, control_converters, control_total, control_mean,
        control_variance, control_mean_variance,
        variant_visitors, variant_converters, variant_total, variant_mean,
        variant_variance, variant_mean_variance,
        {{ finite('lift') }} as lift,
        {{ log_interval_bound('variant_mean', 'control_mean', '-log_half_width') }}
            as lift_ci_lower,
        {{ log_interval_bound('variant_mean', 'control_mean', 'log_half_width') }}
            as lift_ci_upper,
        absolute_difference,
        absolute_difference - half_width as absolute_ci_lower,
        absolute_difference + half_width as absolute_ci_upper,
        lift_variance, {{ finite('sqrt(lift_variance)') }} as standard_error,
        student_t_two_sided_p(z, degrees_of_freedom) as p_value,
        {{ log_interval_bound(
            'variant_mean', 'control_mean', '-sequential_half_width'
        ) }} as sequential_ci_lower,
        {{ log_interval_bound(
            'variant_mean', 'control_mean', 'sequential_half_width'
        ) }} as sequential_ci_upper,
        {{ always_valid_p_value('visitors', 'z') }} as always_valid_p_value,
        normal_cdf(posterior_mean / posterior_stddev) as chance_to_beat_control,
        {{ finite(expected_loss('posterior_mean', 'posterior_stddev')) }}
            as expected_loss,
        {{ minimum_detectable_effect(
            'detectable_variance / nullif(control_visitors, 0)',
            'detectable_variance / nullif(variant_visitors, 0)'
        ) }} as minimum_detectable_effect,
        covariate_difference, control_covariate_variance, control_covariance,
        variant_covariate_variance, variant_covariance, theta,
        -- An arm of one unit has no variance, whatever the configured minimum.
        least(control_visitors, variant_visitors)
        >= greatest({{ statistics_setting('min_visitors') }}, 2)
        and control_converters + variant_converters
        >= {{ statistics_setting('min_converters') }} as is_sufficient
    from posteriors

)

select * from final
