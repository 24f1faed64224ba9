-- One row per vendor, experience, audience segment and week in which it was served.
select
    exposures.vendor,
    exposures.experience,
    coalesce(segment_aliases.canonical_name, exposures.audience_segment)
        as audience_segment,
    date_trunc('week', exposures.exposed_at)::date as week,
    count(distinct exposures.person_id) as visitors,
    count(distinct exposures.person_id) filter (where exposures.arm = 'personalized')
        as personalized_visitors,
    count(*) as impressions
from {{ ref('fct_exposures') }} as exposures
left join {{ ref('stg_config__segment_aliases') }} as segment_aliases
    on exposures.audience_segment = segment_aliases.audience_segment
where exposures.person_id is not null
group by all
