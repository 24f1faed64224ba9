-- One row per contrast of all units with a control mean other than zero: the lift
-- adjusted by what the units did before their exposure (CUPED; Deng, Xu, Kohavi and
-- Walker, WSDM 2013). θ times the covariate is taken off the metric; θ pools both arms.
with

contrasts as (

    select *
    from {{ ref('int_estimates') }}
    where population = 'all' and control_visitors > 0 and variant_visitors > 0
        and control_mean <> 0 and lift_variance > 0

),

-- `abs`, as rounding may leave what is left of a variance a hair below zero.
adjusted as (

    select
        *,
        abs(
            control_variance + power(theta, 2) * control_covariate_variance
            - 2 * theta * control_covariance
        ) / control_visitors as control_adjusted_variance,
        abs(
            variant_variance + power(theta, 2) * variant_covariate_variance
            - 2 * theta * variant_covariance
        ) / variant_visitors as variant_adjusted_variance,
        -- Of control over the unadjusted mean m_C, with k = m_V / m_C:
        -- (k² v_C - 2 θ k c_C + θ² x_C) / n_C.
        abs(
            power(variant_mean / control_mean, 2) * control_variance
            - 2 * theta * variant_mean / control_mean * control_covariance
            + power(theta, 2) * control_covariate_variance
        ) / control_visitors as control_relative_variance,
        absolute_difference - theta * covariate_difference as difference
    from contrasts

),

errors as (

    select
        *,
        (variant_adjusted_variance + control_relative_variance) / power(control_mean, 2)
            as adjusted_lift_variance,
        {{ left_of_variance(
            '(control_adjusted_variance + variant_adjusted_variance)',
            '(control_mean_variance + variant_mean_variance)'
        ) }} as difference_variance,
        {{ welch_degrees_of_freedom(
            'control_adjusted_variance', 'control_visitors',
            'variant_adjusted_variance', 'variant_visitors'
        ) }} as degrees_of_freedom
    from adjusted

),

half_widths as (

    select
        *,
        difference / sqrt(difference_variance) as t,
        difference / abs(control_mean) as cuped_lift,
        -- Neither an interval nor a p without both errors.
        case
            when difference_variance is not null
                then {{ left_of_variance('adjusted_lift_variance', 'lift_variance') }}
        end as left_lift_variance,
        sqrt(left_lift_variance) * {{ two_sided_t_quantile('degrees_of_freedom') }}
            as half_width
    from errors

),

final as (

    select
        study_id, conversion, metric, as_of_date, variant,
        {{ finite('cuped_lift') }} as cuped_lift,
        {{ finite('cuped_lift - half_width') }} as cuped_ci_lower,
        {{ finite('cuped_lift + half_width') }} as cuped_ci_upper,
        case
            when left_lift_variance is not null
                then student_t_two_sided_p(t, degrees_of_freedom)
        end as cuped_p_value,
        {{ finite('1 - adjusted_lift_variance / lift_variance') }} as variance_reduction
    from half_widths

)

select * from final
