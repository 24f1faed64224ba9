-- One row per grain, conversion, metric, variant and day on which any row of the
-- experience and period differs from the day before, as of the end of that day.
with

lifts as (

    select * exclude (is_counted, greatest_lower, least_upper)
    from {{ ref('int_daily_lifts') }}

),

studies as (select * from {{ ref('int_studies') }}),

final as (

    select
        studies.vendor, studies.experience, studies.audience_segment, studies.period,
        lifts.*
    from lifts
    inner join studies on lifts.study_id = studies.study_id

)

select * exclude (study_id, pooled_study_id) from final
