-- One row per result that is new, gone or has another status than in the previous publication.
insert into verdict_changes
select
    coalesce(current_results.vendor, previous_results.vendor),
    coalesce(current_results.experience, previous_results.experience),
    coalesce(current_results.audience_segment, previous_results.audience_segment),
    coalesce(current_results.period, previous_results.period),
    coalesce(current_results.conversion, previous_results.conversion),
    coalesce(current_results.metric, previous_results.metric),
    coalesce(current_results.variant, previous_results.variant),
    coalesce(current_results.is_main, previous_results.is_main),
    previous_results.status,
    current_results.status,
    previous_results.lift,
    current_results.lift
from fct_experience_lift as current_results
full outer join previous.main.fct_experience_lift as previous_results
    on current_results.vendor = previous_results.vendor
    and current_results.experience = previous_results.experience
    and current_results.audience_segment = previous_results.audience_segment
    and current_results.period is not distinct from previous_results.period
    and current_results.conversion = previous_results.conversion
    and current_results.metric = previous_results.metric
    and current_results.variant = previous_results.variant
where current_results.status is distinct from previous_results.status
