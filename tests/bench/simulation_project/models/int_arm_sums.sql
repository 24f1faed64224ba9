-- Nobody did anything before, and every order has a value.
with metric_sums as (

    select
        *,
        'conversion_rate' as metric,
        1 as unit_scale,
        converters as numerator,
        converters as numerator_squares,
        converters as product,
        visitors as denominator,
        visitors as denominator_squares
    from drawn_sums
    union all
    select
        *, 'conversions_per_visitor', 1, conversions, conversions_sum_squares, conversions,
        visitors, visitors
    from drawn_sums
    union all
    select
        *, 'value_per_visitor', 10000, value_sum, value_sum_squares, value_sum, visitors,
        visitors
    from drawn_sums
    union all
    select
        *, 'value_per_conversion', 10000, value_sum, value_sum_squares, value_product,
        conversions, conversions_sum_squares
    from drawn_sums

)

select
    md5(business || ' ' || experiment)::uuid as study_id,
    md5(business || ' ' || experiment)::uuid as pooled_study_id,
    'all' as population,
    null::varchar as breakdown,
    null::varchar as value,
    'order' as conversion,
    true as is_main,
    metric,
    unit_scale,
    date '2026-01-01' + day::integer as as_of_date,
    arm,
    case when arm = 'personalized' then arm end as variant,
    false as is_mixed,
    visitors::bigint as visitors,
    0::bigint as crossover_visitors,
    converters::bigint as converters,
    numerator::hugeint as numerator,
    numerator_squares::hugeint as numerator_squares,
    product::hugeint as product,
    denominator::hugeint as denominator,
    denominator_squares::hugeint as denominator_squares,
    0::hugeint as covariate,
    0::hugeint as covariate_squares,
    0::hugeint as covariate_product,
    0::hugeint as covariate_weight_product
from metric_sums
