-- One row per experience, audience segment (with (all)) and period.
with exposures as (

    select
        vendor, experience, audience_segment, period,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at,
        count(*) as impressions
    from {{ ref('int_exposures_assigned') }}
    group by all

),

units as (

    select
        vendor, experience, audience_segment, period,
        count(*) as visitors,
        count(*) filter (where is_crossover) as crossover_visitors
    from {{ ref('fct_assignments') }}
    group by all

),

sample_ratios as (

    select studies.*, ratios.srm_p_value, ratios.srm_cause
    from {{ ref('int_sample_ratios') }} as ratios
    inner join {{ ref('int_studies') }} as studies
        on ratios.study_id = studies.study_id
    where ratios.as_of_date = {{ last_look() }}

)

select
    exposures.vendor,
    exposures.experience,
    exposures.audience_segment,
    exposures.period,
    exposures.first_seen_at,
    exposures.last_seen_at,
    exposures.impressions,
    units.visitors,
    units.crossover_visitors,
    sample_ratios.srm_p_value,
    sample_ratios.srm_cause
from exposures
inner join units on {{ same_grain('exposures', 'units') }}
left join sample_ratios on {{ same_grain('exposures', 'sample_ratios') }}
