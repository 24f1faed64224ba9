{%- set contrast = [
    'vendor', 'experience', 'audience_segment', 'period', 'conversion', 'metric', 'variant',
] %}
with effects as (

    select * from {{ ref('int_experience_effects_daily') }}

),

first_days as (

    select vendor, experience, period, min(as_of_date) as first_day
    from {{ ref('int_affected_experience_days') }}
    group by all

),

held as (

    select *
    from {{ held_before('int_experience_lifts_daily', {
        'vendor': 'varchar', 'experience': 'varchar', 'audience_segment': 'varchar',
        'period': 'date', 'conversion': 'varchar', 'metric': 'varchar', 'variant': 'varchar',
        'as_of_date': 'date', 'is_counted': 'boolean', 'running_p_value': 'double',
        'greatest_lower': 'double', 'least_upper': 'double',
    }, is_kept=true) }}

),

-- What the looks before those of this build have come to.
previous as (

    select held.*
    from held
    left join first_days
        on {{ same_grain('held', 'first_days', ['vendor', 'experience', 'period']) }}
    where first_days.first_day is null or held.as_of_date < first_days.first_day
    qualify
        row_number() over (
            partition by held.{{ contrast | join(', held.') }}
            order by held.as_of_date desc
        ) = 1

),

-- Looks before the first sufficient one never count; all after it do, thin or not.
looks as (

    select
        effects.*,
        previous.running_p_value as previous_p_value,
        previous.greatest_lower as previous_lower,
        previous.least_upper as previous_upper,
        bool_or(effects.is_sufficient) over so_far
        or coalesce(previous.is_counted, false) as is_counted
    from effects
    left join previous
        on {{ same_grain('effects', 'previous') }}
        and effects.conversion = previous.conversion
        and effects.metric = previous.metric
        and effects.variant = previous.variant
    window so_far as (
        partition by effects.{{ contrast | join(', effects.') }}
        order by effects.as_of_date
    )

),

accumulated as (

    select
        {{ all_columns_but([
            'previous_p_value', 'previous_lower', 'previous_upper'
        ]) }},
        {{ least_of(
            'min(case when is_counted then always_valid_p_value end) over so_far',
            'previous_p_value',
        ) }} as running_p_value,
        {{ greatest_of(
            'max(case when is_counted then sequential_ci_lower end) over so_far',
            'previous_lower',
        ) }} as greatest_lower,
        {{ least_of(
            'min(case when is_counted then sequential_ci_upper end) over so_far',
            'previous_upper',
        ) }} as least_upper
    from looks
    window so_far as (partition by {{ contrast | join(', ') }} order by as_of_date)

),

-- An empty intersection has no bounds: the looks contradict each other.
intersected as (

    select
        *,
        greatest_lower > least_upper as is_contradicted,
        case when greatest_lower <= least_upper then greatest_lower end
            as running_ci_lower,
        case when greatest_lower <= least_upper then least_upper end
            as running_ci_upper
    from accumulated

)

select * from intersected
