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
    spells.vendor,
    spells.experience,
    spells.audience_segment,
    spells.period,
    spells.unit_id,
    memberships.user_segment,
    memberships.origin
from {{ ref('int_assignment_intervals') }} as spells
inner join memberships
    -- A unit that is no person is in the segments of the person it was exposed as.
    on spells.counted_person_id = memberships.person_id
    and spells.counted_from >= memberships.member_from
    and (
        memberships.member_to is null
        or spells.counted_from < memberships.member_to
    )
where spells.is_last
