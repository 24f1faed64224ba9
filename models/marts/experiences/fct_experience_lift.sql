-- One row per grain, conversion, metric and variant: the last look.
with

lifts as (

    select * exclude (as_of_date, is_counted, greatest_lower, least_upper)
    from {{ ref('int_lifts') }}
    where as_of_date = {{ last_look() }}

),

studies as (select * from {{ ref('int_studies') }}),

spans as (select * from {{ ref('int_study_spans') }}),

changes as (

    select * from {{ ref('int_daily_changes') }}
    where population = 'all' and variant is not null

),

as_of as (select * from {{ ref('int_as_of') }}),

-- What happens after the last day of any row is in the last look all the same: a
-- crossover after the last window. A clock that runs ahead moves no date past as-of.
days as (

    select pooled_study_id, last_day as as_of_date
    from spans
    union all
    select
        changes.pooled_study_id,
        least(changes.changed_day, cast(as_of.as_of as date)) as as_of_date
    from changes
    cross join as_of

),

last_days as (

    select pooled_study_id, max(as_of_date) as as_of_date
    from days
    group by all

),

-- Neither without control nor over two currencies is there a capped figure.
winsorized as (

    select estimates.*, cast(caps.cap as double) / caps.unit_scale as cap
    from {{ ref('int_estimates') }} as estimates
    inner join {{ ref('int_winsorized_caps') }} as caps
        on estimates.study_id = caps.study_id
        and estimates.conversion = caps.conversion
        and estimates.metric = caps.metric
        and estimates.variant = caps.variant
    where estimates.population = 'winsorized' and estimates.control_mean is not null

),

final as (

    select
        studies.vendor, studies.experience, studies.audience_segment, studies.period,
        lifts.*,
        last_days.as_of_date,
        winsorized.cap as winsorized_cap,
        winsorized.control_mean as winsorized_control_mean,
        winsorized.variant_mean as winsorized_variant_mean,
        winsorized.lift as winsorized_lift,
        winsorized.lift_ci_lower as winsorized_lift_ci_lower,
        winsorized.lift_ci_upper as winsorized_lift_ci_upper,
        winsorized.p_value as winsorized_p_value
    from lifts
    inner join studies on lifts.study_id = studies.study_id
    inner join last_days on lifts.pooled_study_id = last_days.pooled_study_id
    left join winsorized
        on lifts.study_id = winsorized.study_id
        and lifts.conversion = winsorized.conversion
        and lifts.metric = winsorized.metric
        and lifts.variant = winsorized.variant

)

select * exclude (study_id, pooled_study_id) from final
