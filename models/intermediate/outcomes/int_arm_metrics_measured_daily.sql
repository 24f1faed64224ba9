with sums as (

    select * from {{ ref('int_arm_metrics_summed_daily') }}

),

centres as (

    select
        *,
        {{ nearest_whole_ratio('numerator', 'denominator') }} as shift
    from sums

),

shifted as (

    select
        *,
        numerator - shift * denominator as shifted_sum,
        product - shift * denominator_squares as shifted_product,
        {{ null_on_overflow(
            'numerator_squares - 2 * shift * product'
            ~ ' + shift * shift * denominator_squares'
        ) }} as shifted_squares
    from centres

),

residuals as (

    select
        *,
        {{ residual_sum_squares(
            'shifted_sum',
            'shifted_squares',
            'shifted_product',
            'denominator',
            'denominator_squares',
        ) }} as residual_squares
    from shifted

),

measured as (

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
        crossover_visitors,
        visitors,
        converters,
        cast(numerator as double) / unit_scale as total,
        cast(numerator as double) / nullif(denominator, 0) / unit_scale as mean,
        {{ ratio_variance('residual_squares', 'visitors', 'denominator') }}
        / power(unit_scale, 2) as variance,
        -- The covariate and how it varies with the metric; the sums stay, as an
        -- adjustment pools both arms.
        {{ sample_variance('visitors', 'covariate', 'covariate_squares') }}
        / power(unit_scale, 2) as covariate_variance,
        {{ ratio_covariance() }} / power(unit_scale, 2) as covariance,
        unit_scale,
        numerator,
        denominator,
        covariate,
        covariate_squares,
        covariate_product,
        covariate_weight_product
    from residuals

)

select * from measured
