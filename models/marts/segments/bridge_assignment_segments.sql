-- One row per assignment and user segment that its unit was in when first exposed.
select
    assignments.vendor,
    assignments.experience,
    assignments.audience_segment,
    assignments.period,
    assignments.unit_type,
    assignments.unit_id,
    memberships.user_segment,
    memberships.origin
from {{ ref('fct_assignments') }} as assignments
inner join {{ ref('fct_user_segment_memberships') }} as memberships
    on assignments.unit_type = 'person'
    and assignments.unit_id = memberships.person_id
    and assignments.first_exposed_at >= memberships.member_from
    and (
        memberships.member_to is null
        or assignments.first_exposed_at < memberships.member_to
    )
-- What was served is where the assignment comes from.
where memberships.origin <> 'served'
