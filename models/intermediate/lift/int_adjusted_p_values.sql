-- One row per conversion rate with a p-value, of the family of one look at an
-- experience's audience segments (of an experience without, its (all) rows), with p
-- adjusted after Holm (1979: the largest (m - rank + 1) p so far) and after Benjamini
-- and Hochberg (1995: the smallest m p / rank from here on). Equal p get equal adjusted
-- ones.
with

estimates as (

    select
        *,
        study_id = pooled_study_id as is_pooled,
        bool_or(study_id <> pooled_study_id) over (
            partition by pooled_study_id, as_of_date
        ) as has_segments
    from {{ ref('int_estimates') }}
    where population = 'all'

),

family_members as (

    select *
    from estimates
    where metric = 'conversion_rate' and p_value is not null
        and is_pooled <> has_segments

),

ranked as (

    select
        *,
        count(*) over family as family_tests,
        rank() over (family order by p_value) - 1 as tests_below,
        count(*) over (family order by p_value) as tests_up_to
    from family_members
    window family as (partition by pooled_study_id, as_of_date)

),

final as (

    select
        study_id, conversion, metric, as_of_date, variant,
        max(least(1.0, (family_tests - tests_below) * p_value)) over (
            partition by pooled_study_id, as_of_date order by p_value
        ) as p_value_holm,
        min(least(1.0, family_tests * p_value / tests_up_to)) over (
            partition by pooled_study_id, as_of_date order by p_value desc
        ) as p_value_bh
    from ranked

)

select * from final
