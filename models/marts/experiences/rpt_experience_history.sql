-- One row per vendor, experience, audience segment and week in which it was served.
select
    vendor,
    experience,
    assigned_segment as audience_segment,
    date_trunc('week', exposed_at)::date as week,
    count(distinct person_id) as visitors,
    count(distinct person_id) filter (where arm = 'personalized')
        as personalized_visitors,
    count(*) as impressions
from {{ ref('fct_exposures') }}
where person_id is not null
group by all
