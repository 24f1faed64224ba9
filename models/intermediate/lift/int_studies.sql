-- One row per study: a vendor's experience, audience segment and period.
with

assignments as (select * from {{ ref('int_assignment_intervals') }}),

grains as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        min(first_day) as first_day,
        max(counted_from) as last_counted_from
    from assignments
    group by all

),

final as (

    select
        {{ study_id('audience_segment') }} as study_id,
        -- Under the study of (all) segments come the days and families of all of them.
        {{ study_id("'(all)'") }} as pooled_study_id,
        vendor,
        experience,
        audience_segment,
        period,
        first_day,
        last_counted_from
    from grains

)

select * from final
