-- One row per study, population, breakdown and value, conversion, metric, look of this
-- build and arm (of personalized units: variant), with exact sums over its units as of
-- the end of that day. The control variants are one control. Breakdowns and winsorized
-- figures are of the last look alone.
with

measures as (

    select
        * exclude (variant),
        case when arm = 'personalized' then variant end as variant
    from {{ ref('int_unit_measures') }}

),

looks as (select * from {{ ref('int_looks') }}),

spans as (select * from {{ ref('int_study_spans') }}),

mixed as (select * from {{ ref('int_mixed_currencies') }}),

-- Of whom nobody has matured, the sums are zero.
arms as (

    select
        measures.study_id, known.population, measures.breakdown, measures.value,
        measures.conversion, measures.metric, measures.unit_scale, measures.arm,
        measures.variant
    from measures
    inner join (
        values
        ('all', 'all'), ('all', 'matured'), ('breakdown', 'breakdown'),
        ('winsorized', 'winsorized')
    ) as known (of_population, population)
        on measures.population = known.of_population
    group by all

),

days as (

    select
        arms.*,
        spans.pooled_study_id,
        spans.is_main,
        looks.as_of_date,
        -- A sum over two currencies is not a figure.
        arms.metric like 'value%' and mixed.mixed_from is not null as is_mixed
    from arms
    inner join spans
        on arms.study_id = spans.study_id
        and arms.conversion = spans.conversion
    inner join looks
        on spans.pooled_study_id = looks.pooled_study_id
        and (
            looks.as_of_date = {{ last_look() }} or (
                arms.population in ('all', 'matured')
                and looks.as_of_date between spans.first_day and spans.last_day
            )
        )
    left join mixed
        on spans.vendor = mixed.vendor
        and spans.experience = mixed.experience
        and spans.conversion = mixed.conversion
        and looks.as_of_date >= mixed.mixed_from
        and coalesce(looks.as_of_date < mixed.mixed_to, true)

),

changes as (

    select
        study_id, population, breakdown, value, conversion, metric, unit_scale, arm,
        variant,
        null as pooled_study_id, null as is_main, changed_day as as_of_date,
        null as is_mixed,
        sum(visitors) as visitors,
        sum(crossover_visitors) as crossover_visitors,
        sum(visitors * is_converter) as converters,
        sum(visitors * numerator) as numerator,
        sum(visitors * numerator * numerator) as numerator_squares,
        sum(visitors * numerator * denominator) as product,
        sum(visitors * denominator) as denominator,
        sum(visitors * denominator * denominator) as denominator_squares,
        sum(visitors * covariate) as covariate,
        sum(visitors * covariate * covariate) as covariate_squares,
        sum(visitors * covariate * numerator) as covariate_product,
        sum(visitors * covariate * denominator) as covariate_weight_product
    from measures
    group by all
    union all
    select
        *,
        0 as visitors, 0 as crossover_visitors, 0 as converters,
        0 as numerator, 0 as numerator_squares, 0 as product,
        0 as denominator, 0 as denominator_squares,
        0 as covariate, 0 as covariate_squares,
        0 as covariate_product, 0 as covariate_weight_product
    from days

),

sums as (

    select
        study_id, population, breakdown, value, conversion, metric, unit_scale, arm,
        variant, pooled_study_id, is_main, as_of_date, is_mixed,
        cast(sum(visitors) over so_far as bigint) as visitors,
        cast(sum(crossover_visitors) over so_far as bigint) as crossover_visitors,
        cast(sum(converters) over so_far as bigint) as converters,
        case when not is_mixed then sum(numerator) over so_far end as numerator,
        sum(numerator_squares) over so_far as numerator_squares,
        sum(product) over so_far as product,
        sum(denominator) over so_far as denominator,
        sum(denominator_squares) over so_far as denominator_squares,
        sum(covariate) over so_far as covariate,
        sum(covariate_squares) over so_far as covariate_squares,
        sum(covariate_product) over so_far as covariate_product,
        sum(covariate_weight_product) over so_far as covariate_weight_product
    from changes
    window so_far as (
        partition by
            study_id, population, breakdown, value, conversion, metric, arm, variant
        order by as_of_date
    )

)

select *
from sums
-- Days that are not looks serve those that are.
where pooled_study_id is not null
