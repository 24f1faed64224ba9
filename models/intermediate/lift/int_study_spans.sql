-- One row per study and conversion with the days its figures are given for: from the
-- first exposure to as-of, or to the end of the last window when that has passed.
with

studies as (select * from {{ ref('int_studies') }}),

conversions as (select * from {{ source('raw', 'config_conversions') }}),

as_of as (select * from {{ ref('int_as_of') }}),

final as (

    select
        studies.study_id,
        studies.pooled_study_id,
        studies.vendor,
        studies.experience,
        conversions.conversion,
        conversions.is_main,
        conversions.has_value,
        studies.first_day,
        least(
            as_of.as_of::date,
            {{ seconds_after(
                'studies.last_counted_from', 'conversions.window_seconds'
            ) }}::date
        ) as last_day
    from studies
    cross join conversions
    cross join as_of

)

select * from final
