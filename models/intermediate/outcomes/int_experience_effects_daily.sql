with errors as (

    select * from {{ ref('int_experience_errors_daily') }}

),

differences as (

    select
        *,
        control_visitors + variant_visitors as visitors,
        absolute_difference / nullif(abs(control_mean), 0) as lift,
        {{ two_sided_t_quantile('absolute_freedom') }} * absolute_error
            as absolute_distance,
        {{ two_sided_t_quantile('log_freedom') }} * log_error as log_distance,
        {{ posterior_precision('standard_error') }} as posterior_precision,
        power({{ detection_quantile() }}, 2) * control_variance
        / nullif(power(control_mean, 2), 0) as detectable_variance
    from errors

),

posteriors as (

    select
        *,
        absolute_difference / absolute_error as z,
        {{ sequential_quantile('visitors') }} * log_error as sequential_distance,
        {{ posterior_mean('lift', 'standard_error', 'posterior_precision') }}
            as posterior_mean,
        1 / sqrt(posterior_precision) as posterior_stddev,
        detectable_variance / nullif(control_visitors, 0) as control_detectable,
        detectable_variance / nullif(variant_visitors, 0) as variant_detectable
    from differences

),

effects as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        conversion,
        is_main,
        metric,
        variant,
        arm,
        as_of_date,
        crossover_visitors,
        control_visitors,
        control_converters,
        control_total,
        control_mean,
        control_variance,
        variant_visitors,
        variant_converters,
        variant_total,
        variant_mean,
        variant_variance,
        lift,
        absolute_difference,
        standard_error,
        {{ log_interval_bound('variant_mean', 'control_mean', '-log_distance') }}
            as lift_ci_lower,
        {{ log_interval_bound('variant_mean', 'control_mean', 'log_distance') }}
            as lift_ci_upper,
        absolute_difference - absolute_distance as absolute_ci_lower,
        absolute_difference + absolute_distance as absolute_ci_upper,
        student_t_two_sided_p(z, absolute_freedom) as p_value,
        {{ log_interval_bound(
            'variant_mean', 'control_mean', '-sequential_distance'
        ) }} as sequential_ci_lower,
        {{ log_interval_bound(
            'variant_mean', 'control_mean', 'sequential_distance'
        ) }} as sequential_ci_upper,
        {{ always_valid_p_value('visitors', 'z') }} as always_valid_p_value,
        normal_cdf(posterior_mean / posterior_stddev) as chance_to_beat_control,
        {{ expected_loss('posterior_mean', 'posterior_stddev') }} as expected_loss,
        {{ minimum_detectable_effect('control_detectable', 'variant_detectable') }}
            as minimum_detectable_effect,
        {{ is_sample_sufficient(
            'control_visitors',
            'variant_visitors',
            'control_converters + variant_converters',
        ) }} as is_sufficient
    from posteriors

)

select * from effects
