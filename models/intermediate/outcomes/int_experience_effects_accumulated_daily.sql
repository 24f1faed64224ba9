with effects as (

    select * from {{ ref('int_experience_effects_daily') }}

),

-- Looks before the first sufficient one never count; all after it do, thin or not.
looks as (

    select
        *,
        bool_or(is_sufficient) over (
            partition by
                vendor,
                experience,
                audience_segment,
                period,
                conversion,
                metric,
                variant
            order by as_of_date
        ) as is_counted
    from effects

),

accumulated as (

    select
        *,
        min(case when is_counted then always_valid_p_value end) over so_far
            as running_p_value,
        max(case when is_counted then sequential_ci_lower end) over so_far
            as greatest_lower,
        min(case when is_counted then sequential_ci_upper end) over so_far
            as least_upper
    from looks
    window so_far as (
        partition by
            vendor,
            experience,
            audience_segment,
            period,
            conversion,
            metric,
            variant
        order by as_of_date
    )

),

-- An empty intersection has no bounds: the looks contradict each other.
intersected as (

    select
        {{ all_columns_but(['is_counted', 'greatest_lower', 'least_upper']) }},
        case when greatest_lower > least_upper then null else greatest_lower end
            as running_ci_lower,
        case when greatest_lower > least_upper then null else least_upper end
            as running_ci_upper
    from accumulated

)

select * from intersected
