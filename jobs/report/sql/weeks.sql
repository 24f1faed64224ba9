-- Who saw each experience, by audience segment and week, over all its periods.
select
    vendor,
    experience,
    null::date as period,
    audience_segment,
    week,
    visitors,
    personalized_visitors,
    impressions
from rpt_experience_history
order by vendor, experience, audience_segment, week
