-- One row per contrast of all units and look, with the least p-value and the
-- intersection of intervals since the first look that was sufficient. It goes on from
-- what the looks before those of this build have come to.
with

estimates as (select * from {{ ref('int_estimates') }} where population = 'all'),

looks as (select * from {{ ref('int_looks') }}),

first_looks as (

    select pooled_study_id, min(as_of_date) as first_look
    from looks
    group by all

),

previous_looks as (

    select *
    from {{ previous_rows('int_daily_lifts', {
        'study_id': 'uuid', 'pooled_study_id': 'uuid', 'conversion': 'varchar',
        'metric': 'varchar', 'variant': 'varchar', 'as_of_date': 'date',
        'is_counted': 'boolean', 'running_p_value': 'double',
        'greatest_lower': 'double', 'least_upper': 'double',
    }, of_incremental=true) }}

),

previous as (

    select previous_looks.*
    from previous_looks
    inner join first_looks
        on previous_looks.pooled_study_id = first_looks.pooled_study_id
        and previous_looks.as_of_date < first_looks.first_look
    qualify
        row_number() over (
            partition by
                previous_looks.study_id, previous_looks.conversion,
                previous_looks.metric, previous_looks.variant
            order by previous_looks.as_of_date desc
        ) = 1

),

-- Looks before the first sufficient one never count; all after it do, thin or not.
counted as (

    select
        estimates.*,
        previous.running_p_value as previous_p_value,
        previous.greatest_lower as previous_lower,
        previous.least_upper as previous_upper,
        bool_or(estimates.is_sufficient) over (
            partition by
                estimates.study_id, estimates.conversion, estimates.metric,
                estimates.variant
            order by estimates.as_of_date
        ) or coalesce(previous.is_counted, false) as is_counted
    from estimates
    left join previous
        on estimates.study_id = previous.study_id
        and estimates.conversion = previous.conversion
        and estimates.metric = previous.metric
        and estimates.variant = previous.variant

),

accumulated as (

    select
        * exclude (previous_p_value, previous_lower, previous_upper),
        {{ least_of(
            'min(always_valid_p_value) filter (where is_counted) over so_far',
            'previous_p_value'
        ) }} as running_p_value,
        {{ greatest_of(
            'max(sequential_ci_lower) filter (where is_counted) over so_far',
            'previous_lower'
        ) }} as greatest_lower,
        {{ least_of(
            'min(sequential_ci_upper) filter (where is_counted) over so_far',
            'previous_upper'
        ) }} as least_upper
    from counted
    window so_far as (
        partition by study_id, conversion, metric, variant order by as_of_date
    )

),

-- An empty intersection has no bounds: the looks contradict each other.
final as (

    select
        *,
        greatest_lower > least_upper as is_contradicted,
        case when greatest_lower <= least_upper then greatest_lower end
            as running_ci_lower,
        case when greatest_lower <= least_upper then least_upper end
            as running_ci_upper
    from accumulated

)

select * from final
