-- One row per study, population, breakdown and value, conversion, metric, look and
-- personalized variant with counted units, beside the control; where no variant has
-- any, the variant is (none). A variant that counts has a row of the matured, too.
with

sums as (select * from {{ ref('int_arm_sums') }}),

-- The residuals y - (S/W) w of a ratio of sums S / W add up to zero, so their squares
-- are all that its variance needs. Differences of large sums cancel in doubles: taking
-- the whole number nearest to S/W off first, in integers, keeps every digit, and equal
-- values have variance zero.
centred as (

    select
        *,
        sign(numerator) * (
            (2 * abs(numerator) + denominator) // nullif(2 * denominator, 0)
        ) as shift,
        numerator - shift * denominator as shifted_sum,
        product - shift * denominator_squares as shifted_product,
        {{ null_on_overflow(
            'numerator_squares - 2 * shift * product'
            ~ ' + shift * shift * denominator_squares'
        ) }} as shifted_squares
    from sums

),

arms as (

    select
        *,
        cast(numerator as double) / unit_scale as total,
        cast(numerator as double) / nullif(denominator, 0) / unit_scale as mean,
        {{ ratio_variance(
            'shifted_sum', 'shifted_squares', 'shifted_product', 'denominator',
            'denominator_squares', 'visitors'
        ) }} / power(unit_scale, 2) as variance,
        -- (n Σx² - (Σx)²) / (n (n - 1)); `abs`, as rounding may leave it below zero.
        abs({{ product_difference(
            'visitors', 'covariate_squares', 'covariate', 'covariate'
        ) }}) / nullif(visitors, 0) / nullif(visitors - 1, 0)
        / power(unit_scale, 2) as covariate_variance,
        -- Of metric and covariate: n (Σw Σxy - Σy Σxw) / ((Σw)² (n - 1)).
        {{ product_difference(
            'denominator', 'covariate_product', 'numerator', 'covariate_weight_product'
        ) }} * visitors / nullif(power(cast(denominator as double), 2), 0)
        / nullif(visitors - 1, 0) / power(unit_scale, 2) as covariance,
        -- Counted by now, matured or not.
        max(visitors) over (
            partition by
                study_id, breakdown, value, conversion, metric, as_of_date, arm, variant
        ) > 0 as is_counted
    from centred

),

looks as (

    select
        study_id, pooled_study_id, population, breakdown, value, conversion, is_main,
        metric, as_of_date, unit_scale, is_mixed,
        cast(sum(crossover_visitors) as bigint) as crossover_visitors
    from arms
    group by all

),

final as (

    select
        looks.study_id, looks.pooled_study_id, looks.population, looks.breakdown,
        looks.value, looks.conversion, looks.is_main, looks.metric, looks.as_of_date,
        looks.crossover_visitors,
        coalesce(treated.variant, '(none)') as variant,
        treated.arm,
        coalesce(control.visitors, 0) as control_visitors,
        coalesce(control.converters, 0) as control_converters,
        case when not looks.is_mixed then coalesce(control.total, 0) end
            as control_total,
        control.mean as control_mean,
        control.variance as control_variance,
        coalesce(treated.visitors, 0) as variant_visitors,
        coalesce(treated.converters, 0) as variant_converters,
        case when not looks.is_mixed then coalesce(treated.total, 0) end
            as variant_total,
        treated.mean as variant_mean,
        treated.variance as variant_variance,
        {{ mean_difference(
            'treated.numerator', 'treated.denominator',
            'control.numerator', 'control.denominator'
        ) }} / looks.unit_scale as absolute_difference,
        {{ mean_difference(
            'treated.covariate', 'treated.visitors',
            'control.covariate', 'control.visitors'
        ) }} / looks.unit_scale as covariate_difference,
        control.covariate_variance as control_covariate_variance,
        control.covariance as control_covariance,
        treated.covariate_variance as variant_covariate_variance,
        treated.covariance as variant_covariance,
        {{ cuped_theta() }} as theta
    from looks
    left join arms as treated
        on {{ same_look('looks', 'treated') }}
        and treated.arm = 'personalized'
        and treated.is_counted
    left join arms as control
        on {{ same_look('looks', 'control') }}
        and control.arm = 'control'

)

select * from final
