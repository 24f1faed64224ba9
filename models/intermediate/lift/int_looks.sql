-- One row per experience and period, and day whose rows this build computes, and one
-- for the last look. Computed are the days on which figures change, from the first on
-- that differs from the build before; what that build did not have is computed whole.
with

changes as (select * from {{ ref('int_daily_changes') }}),

spans as (select * from {{ ref('int_study_spans') }}),

previous_days as (

    select distinct pooled_study_id, as_of_date
    from {{ previous_rows(
        'int_daily_lifts',
        {'pooled_study_id': 'uuid', 'as_of_date': 'date'},
        of_incremental=true,
    ) }}

),

differences as (

    select pooled_study_id, min(changed_day) as affected_from
    from {{ delta('int_daily_changes') }}
    group by all

),

last_days as (

    select pooled_study_id, max(last_day) as last_day
    from spans
    group by all

),

days as (

    select changes.pooled_study_id, changes.changed_day as as_of_date
    from changes
    inner join last_days
        on changes.pooled_study_id = last_days.pooled_study_id
        and changes.changed_day <= last_days.last_day
    union
    -- Days that had rows and no longer do are computed, so that their rows go.
    select pooled_study_id, as_of_date
    from previous_days

),

final as (

    select days.pooled_study_id, days.as_of_date
    from days
    left join differences on days.pooled_study_id = differences.pooled_study_id
    where days.as_of_date >= differences.affected_from
        or days.pooled_study_id not in (
            select previous_days.pooled_study_id from previous_days
        )
    union all
    select pooled_study_id, {{ last_look() }}
    from last_days

)

select * from final
