-- One row per user segment.
with configured as (

    select
        user_segment,
        'rule' as origin,
        is_retrospective
    from {{ source('raw', 'config_segment_rules') }}
    union all
    select
        audience as user_segment,
        'audience' as origin,
        false as is_retrospective
    from {{ source('raw', 'config_audiences') }}
    union all
    select
        user_segment,
        origin,
        false as is_retrospective
    from {{ ref('fct_user_segment_memberships') }}

),

segments as (

    select
        user_segment,
        origin,
        bool_or(is_retrospective) as is_retrospective
    from configured
    group by user_segment, origin

),

counted as (

    select
        memberships.user_segment,
        memberships.origin,
        count(distinct memberships.person_id) filter (
            where memberships.member_from <= as_of.as_of
            and memberships.member_to is null
        ) as current_size,
        count(*) filter (
            where memberships.member_from > as_of.as_of - interval 1 day
            and memberships.member_from <= as_of.as_of
        ) as entered_last_day,
        count(*) filter (
            where memberships.member_to > as_of.as_of - interval 1 day
        ) as left_last_day
    from {{ ref('fct_user_segment_memberships') }} as memberships
    cross join {{ ref('int_as_of') }} as as_of
    group by memberships.user_segment, memberships.origin

)

select
    segments.user_segment,
    segments.origin,
    segments.is_retrospective,
    coalesce(counted.current_size, 0) as current_size,
    coalesce(counted.entered_last_day, 0) as entered_last_day,
    coalesce(counted.left_last_day, 0) as left_last_day
from segments
left join counted
    on segments.user_segment = counted.user_segment
    and segments.origin = counted.origin
