-- One row per grain, unit and user segment that it was in when first exposed; what was
-- served is where the assignment comes from.
with memberships as (

    select person_id, user_segment, 'audience' as origin, member_from, member_to
    from {{ ref('int_audience_memberships') }}
    union all
    select person_id, user_segment, 'rule' as origin, member_from, member_to
    from {{ ref('int_rule_memberships') }}

)

select
    intervals.vendor,
    intervals.experience,
    intervals.audience_segment,
    intervals.period,
    intervals.unit_id,
    memberships.user_segment,
    memberships.origin
from {{ ref('int_assignment_intervals') }} as intervals
inner join memberships
    -- A unit that is not a person is in the segments of the person it was exposed as.
    on intervals.counted_person_id = memberships.person_id
    and intervals.counted_from >= memberships.member_from
    and (
        memberships.member_to is null
        or intervals.counted_from < memberships.member_to
    )
where intervals.is_last
