-- Shares of the experiments of each business, and of all of them, by metric. A fixed-horizon
-- p-value is looked at on the days that count for the running figures: a fair contrast.
with looks as (

    select
        lifts.*,
        studies.vendor,
        studies.experience,
        truths.lift as true_lift,
        truths.absolute_difference as true_difference,
        lifts.running_p_value is not null as is_counted,
        lifts.as_of_date = max(lifts.as_of_date) over () as is_last
    from int_lifts as lifts
    inner join int_studies as studies on lifts.study_id = studies.study_id
    inner join truths on studies.vendor = truths.business and lifts.metric = truths.metric

),

experiments as (

    select
        vendor,
        experience,
        metric,
        bool_or(is_counted and p_value < $alpha) as is_ever_significant,
        bool_or(is_last and p_value < $alpha) as is_last_significant,
        bool_or(running_p_value < $alpha) as is_running_significant,
        bool_or(always_valid_p_value < $alpha) as is_early_significant,
        bool_or(status = 'winner') as is_winner,
        bool_or(status = 'loser') as is_loser,
        bool_or(true_lift between lift_ci_lower and lift_ci_upper)
            filter (is_last) as is_lift_covered,
        bool_or(true_difference between absolute_ci_lower and absolute_ci_upper)
            filter (is_last) as is_difference_covered,
        bool_and(true_lift between sequential_ci_lower and sequential_ci_upper)
            filter (is_counted) as is_always_covered
    from looks
    group by all

)

select
    coalesce(vendor, 'all') as business,
    metric,
    count(*) as experiments,
    avg(coalesce(is_ever_significant, false)::integer) as ever_significant,
    avg(coalesce(is_last_significant, false)::integer) as last_significant,
    avg(coalesce(is_running_significant, false)::integer) as running_significant,
    avg(coalesce(is_early_significant, false)::integer) as early_significant,
    avg(is_winner::integer) as winner,
    avg(is_loser::integer) as loser,
    avg(is_lift_covered::integer) as lift_coverage,
    avg(is_difference_covered::integer) as difference_coverage,
    avg(is_always_covered::integer) as running_coverage
from experiments
group by grouping sets ((vendor, metric), (metric))
