-- One row per audience segment and variant of the experiences that the table of verdicts shows.
with results as (
    select
        lifts.*,
        lifts.status in ('winner', 'loser') as has_verdict,
        verdict_changes.status is not null as is_changed,
        verdict_changes.status_before
    from fct_experience_lift as lifts
    left join verdict_changes
        on lifts.vendor = verdict_changes.vendor
        and lifts.experience = verdict_changes.experience
        and lifts.audience_segment = verdict_changes.audience_segment
        and lifts.period is not distinct from verdict_changes.period
        and lifts.conversion = verdict_changes.conversion
        and lifts.metric = verdict_changes.metric
        and lifts.variant = verdict_changes.variant
    where lifts.metric = $metric
        and (lifts.experience = $experience or $experience is null)
        and (lifts.conversion = $conversion or ($conversion is null and lifts.is_main))
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
        -- What changed comes first; a new experience is not a change.
        row_number() over (
            order by
                bool_or(results.status_before is not null) desc,
                bool_or(results.has_verdict) desc,
                min(experience_dates.first_seen_at) desc,
                results.vendor,
                results.experience,
                results.period
        ) as place,
        bool_or(results.status_before is not null) as has_changed,
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
        experiences.has_changed,
        experiences.row_count,
        experiences.experience_count,
        count(distinct results.variant) over (
            partition by experiences.place, results.audience_segment
        ) > 1
        or results.variant not in ('personalized', '(none)') as has_name,
        results.running_ci_lower is null
        or results.running_ci_upper is null as is_for_one_look
    from results
    inner join experiences
        on results.vendor = experiences.vendor
        and results.experience = experiences.experience
        and results.period is not distinct from experiences.period
    where experiences.place <= $experiences or $experiences is null
    qualify row_number() over (
        partition by experiences.place
        order by
            results.audience_segment <> '(all)',
            results.status_before is null,
            not results.has_verdict,
            results.control_visitors + results.variant_visitors desc,
            results.audience_segment,
            results.variant
    ) <= $rows or $rows is null
)

select
    vendor,
    experience,
    audience_segment,
    period,
    conversion,
    metric,
    variant,
    status,
    is_changed,
    status_before,
    control_visitors,
    variant_visitors,
    control_mean,
    variant_mean,
    lift,
    case when is_for_one_look then lift_ci_lower else running_ci_lower end as ci_lower,
    case when is_for_one_look then lift_ci_upper else running_ci_upper end as ci_upper,
    is_for_one_look,
    title,
    concat(
        case when audience_segment = '(all)' then 'everybody' else audience_segment end,
        case when has_name then ', ' || variant end
    ) as label,
    row_count,
    experience_count
from shown
order by
    not has_changed, experience, vendor, period, audience_segment <> '(all)', audience_segment, variant
