-- One row per audience segment and variant of the experiences that the table of verdicts shows.
with results as (
    select *, status in ('winner', 'loser') as has_verdict
    from fct_experience_lift
    where is_main and metric = 'conversion_rate'
),

experiences as (
    select
        results.vendor,
        results.experience,
        results.period,
        concat(
            results.experience,
            case
                when min(results.vendor) over () <> max(results.vendor) over ()
                    then ' (' || results.vendor || ')'
            end,
            ' since ' || results.period
        ) as title,
        count(*) as row_count,
        row_number() over (
            order by
                bool_or(results.has_verdict) desc,
                min(experience_dates.first_seen_at) desc,
                results.vendor,
                results.experience,
                results.period
        ) as place,
        count(*) over () as experience_count
    from results
    left join dim_experiences as experience_dates
        on results.vendor = experience_dates.vendor
        and results.experience = experience_dates.experience
        and results.period is not distinct from experience_dates.period
        and experience_dates.audience_segment = '(all)'
    group by results.vendor, results.experience, results.period
),

shown as (
    select
        results.*,
        experiences.title,
        experiences.row_count,
        experiences.experience_count,
        count(distinct results.variant) over (
            partition by experiences.place, results.audience_segment
        ) > 1 as has_variants,
        results.running_ci_lower is null
        or results.running_ci_upper is null as is_for_one_look
    from results
    inner join experiences
        on results.vendor = experiences.vendor
        and results.experience = experiences.experience
        and results.period is not distinct from experiences.period
    where experiences.place <= $experiences
    qualify row_number() over (
        partition by experiences.place
        order by
            results.audience_segment <> '(all)',
            not results.has_verdict,
            results.control_visitors + results.variant_visitors desc,
            results.audience_segment,
            results.variant
    ) <= $rows
)

select
    title,
    concat(
        case when audience_segment = '(all)' then 'everybody' else audience_segment end,
        case when has_variants then ', ' || variant end
    ) as label,
    row_count,
    experience_count,
    conversion,
    status,
    control_visitors,
    variant_visitors,
    control_mean,
    variant_mean,
    lift,
    case when is_for_one_look then lift_ci_lower else running_ci_lower end as ci_lower,
    case when is_for_one_look then lift_ci_upper else running_ci_upper end as ci_upper,
    is_for_one_look
from shown
order by experience, vendor, period, audience_segment <> '(all)', audience_segment, variant
