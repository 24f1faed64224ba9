with arms as (

    select * from {{ ref('int_arm_metrics_measured_daily') }}
    where units = 'all'

),

looks as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        conversion,
        metric,
        as_of_date,
        bool_or(is_main) as is_main,
        cast(sum(crossover_visitors) as bigint) as crossover_visitors,
        -- Mixed currencies make no sum in any arm.
        bool_and(total is null) as has_no_sum
    from arms
    group by all

),

counted as (

    -- An arm without counted units is no side of a contrast: its sums are zero.
    select * from arms
    where visitors > 0

),

contrasts as (

    select
        looks.vendor,
        looks.experience,
        looks.audience_segment,
        looks.period,
        looks.conversion,
        looks.metric,
        looks.as_of_date,
        looks.is_main,
        looks.crossover_visitors,
        variants.arm,
        controls.mean as control_mean,
        controls.variance as control_variance,
        variants.mean as variant_mean,
        variants.variance as variant_variance,
        {{ mean_difference(
            'variants.numerator', 'variants.denominator',
            'controls.numerator', 'controls.denominator',
        ) }} / variants.unit_scale as absolute_difference,
        coalesce(variants.variant, '(none)') as variant,
        coalesce(controls.visitors, 0) as control_visitors,
        coalesce(controls.converters, 0) as control_converters,
        case
            when controls.visitors is null and not looks.has_no_sum then 0
            else controls.total
        end as control_total,
        coalesce(variants.visitors, 0) as variant_visitors,
        coalesce(variants.converters, 0) as variant_converters,
        case
            when variants.visitors is null and not looks.has_no_sum then 0
            else variants.total
        end as variant_total
    from looks
    left join counted as variants
        on variants.arm = 'personalized'
        and {{ same_grain('looks', 'variants') }}
        and looks.conversion = variants.conversion
        and looks.metric = variants.metric
        and looks.as_of_date = variants.as_of_date
    left join counted as controls
        on controls.arm = 'control'
        and {{ same_grain('looks', 'controls') }}
        and looks.conversion = controls.conversion
        and looks.metric = controls.metric
        and looks.as_of_date = controls.as_of_date

)

select * from contrasts
