-- One row per grain, conversion, metric, variant and day with its adjusted lift.
with arms as (

    select * from {{ ref('int_arm_metrics_measured_daily') }}
    where units = 'all' and visitors > 0

),

pairs as (

    select
        controls.vendor, controls.experience,
        controls.audience_segment, controls.period,
        controls.conversion, controls.metric, controls.as_of_date,
        {% for name in [
            'visitors', 'mean', 'variance', 'covariate_variance', 'covariance',
        ] -%}
        controls.{{ name }} as control_{{ name }},
        variants.{{ name }} as variant_{{ name }},
        {% endfor -%}
        {% for name in [
            'visitors', 'numerator', 'denominator', 'covariate', 'covariate_squares',
            'covariate_product', 'covariate_weight_product',
        ] -%}
        controls.{{ name }} + variants.{{ name }} as {{ name }},
        {% endfor -%}
        {{ mean_difference(
            'variants.numerator', 'variants.denominator',
            'controls.numerator', 'controls.denominator',
        ) }} / variants.unit_scale as unadjusted_difference,
        {{ mean_difference(
            'variants.covariate', 'variants.visitors',
            'controls.covariate', 'controls.visitors',
        ) }} / variants.unit_scale as covariate_difference,
        variants.variant
    from arms as controls
    inner join arms as variants
        on {{ same_grain('controls', 'variants') }}
        and controls.conversion = variants.conversion
        and controls.metric = variants.metric
        and controls.as_of_date = variants.as_of_date
        and controls.arm = 'control'
        and variants.arm = 'personalized'
    where controls.mean <> 0

),

weighed as (

    select *, {{ cuped_theta() }} as theta
    from pairs

),

adjusted as (

    select
        *,
        {% for arm in ['control', 'variant'] -%}
        {{ adjusted_variance(
            arm ~ '_variance', arm ~ '_covariate_variance', arm ~ '_covariance'
        ) }} / {{ arm }}_visitors as {{ arm }}_adjusted_error,
        {{ arm }}_variance / {{ arm }}_visitors as {{ arm }}_error,
        {% endfor -%}
        unadjusted_difference - theta * covariate_difference as difference
    from weighed

),

errors as (

    select
        *,
        power({{ cuped_standard_error() }}, 2) as adjusted_error_squared,
        nullif(power({{ lift_standard_error(
            'control_error', 'control_mean', 'variant_error', 'variant_mean'
        ) }}, 2), 0) as error_squared,
        {{ left_of_variance(
            '(control_adjusted_error + variant_adjusted_error)',
            '(control_error + variant_error)',
        ) }} as difference_error_squared,
        {{ welch_degrees_of_freedom(
            'control_adjusted_error', 'control_visitors',
            'variant_adjusted_error', 'variant_visitors',
        ) }} as freedom
    from adjusted

),

figures as (

    select
        *,
        difference / sqrt(difference_error_squared) as t,
        difference / abs(control_mean) as cuped_lift,
        -- Neither an interval nor a p without both errors.
        case
            when difference_error_squared is not null
                then {{ left_of_variance('adjusted_error_squared', 'error_squared') }}
        end as left_error_squared,
        sqrt(left_error_squared) * {{ two_sided_t_quantile('freedom') }} as distance
    from errors

)

select
    vendor, experience, audience_segment, period,
    conversion, metric, as_of_date, variant,
    cuped_lift,
    cuped_lift - distance as cuped_ci_lower,
    cuped_lift + distance as cuped_ci_upper,
    case
        when left_error_squared is not null
            then student_t_two_sided_p(t, freedom)
    end as cuped_p_value,
    1 - adjusted_error_squared / error_squared as variance_reduction
from figures
where error_squared is not null
