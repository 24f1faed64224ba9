-- One row per study, look of this build and variant, with its units that saw no other
-- variant by then.
with

changes as (

    -- Units are the same for every conversion.
    select * from {{ ref('int_daily_changes') }}
    where population = 'all' and variant is not null
    qualify
        conversion = min(conversion) over (partition by study_id)

),

looks as (select * from {{ ref('int_looks') }}),

days as (

    select
        study_id, pooled_study_id, variant, arm, changed_day,
        sum(split_visitors) as split_visitors
    from changes
    group by all

),

final as (

    select
        days.study_id, days.pooled_study_id, looks.as_of_date, days.variant, days.arm,
        cast(sum(days.split_visitors) as bigint) as visitors
    from days
    inner join looks
        on days.pooled_study_id = looks.pooled_study_id
        and days.changed_day <= looks.as_of_date
    group by all

)

select * from final
