with sums as (

    select * from {{ ref('int_experience_sums_daily') }} where is_look

),

metrics as (

    select known.metric
    from (
        values
        ('conversion_rate'),
        ('conversions_per_visitor'),
        ('value_per_visitor'),
        ('value_per_conversion')
    ) as known (metric)

),

-- Every metric as a ratio of two sums over units: a mean's denominator is one a unit.
metric_sums as (

    select
        sums.vendor,
        sums.experience,
        sums.audience_segment,
        sums.period,
        sums.conversion,
        sums.is_main,
        metrics.metric,
        sums.as_of_date,
        sums.units,
        sums.arm,
        sums.crossover_visitors,
        sums.visitors,
        sums.converters,
        case when sums.arm = 'personalized' then sums.variant end as variant,
        case when metrics.metric like 'value%' then 10000 else 1 end as unit_scale,
        {{ exact(metric_numerator('sums')) }} as numerator,
        {{ exact(metric_numerator_squares('sums')) }} as numerator_squares,
        {{ exact(metric_product('sums')) }} as product,
        {{ exact(metric_denominator('sums')) }} as denominator,
        {{ exact(metric_denominator_squares('sums')) }} as denominator_squares,
        -- What units did before their exposure, in the numerator's own terms.
        {{ exact("""
            case metrics.metric
                when 'conversion_rate' then sums.pre_converters
                when 'conversions_per_visitor' then sums.pre_sum
                else sums.pre_value_sum
            end
        """) }} as covariate,
        {{ exact("""
            case metrics.metric
                when 'conversion_rate' then sums.pre_converters
                when 'conversions_per_visitor' then sums.pre_sum_squares
                else sums.pre_value_sum_squares
            end
        """) }} as covariate_squares,
        {{ exact("""
            case metrics.metric
                when 'conversion_rate' then sums.pre_converters_sum
                when 'conversions_per_visitor' then sums.pre_conversions_sum
                else sums.pre_value_value_sum
            end
        """) }} as covariate_product,
        {{ exact("""
            case metrics.metric
                when 'conversion_rate' then sums.pre_converters
                when 'conversions_per_visitor' then sums.pre_sum
                when 'value_per_visitor' then sums.pre_value_sum
                else sums.pre_value_valued_conversions_sum
            end
        """) }} as covariate_weight_product
    from sums
    cross join metrics
    where sums.has_value or metrics.metric not like 'value%'

),

-- The control variants are one control; a personalized variant stands for itself.
pooled as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        conversion,
        is_main,
        metric,
        as_of_date,
        units,
        arm,
        variant,
        unit_scale,
        cast(sum(visitors) as bigint) as visitors,
        cast(sum(converters) as bigint) as converters,
        cast(sum(crossover_visitors) as bigint) as crossover_visitors,
        sum(numerator) as numerator,
        sum(numerator_squares) as numerator_squares,
        sum(product) as product,
        sum(denominator) as denominator,
        sum(denominator_squares) as denominator_squares,
        sum(covariate) as covariate,
        sum(covariate_squares) as covariate_squares,
        sum(covariate_product) as covariate_product,
        sum(covariate_weight_product) as covariate_weight_product
    from metric_sums
    group by all

)

select * from pooled
