-- One row per assignment and user segment that its unit was in when first exposed.
select
    spells.vendor,
    spells.experience,
    spells.audience_segment,
    spells.period,
    {{ looked_up('spells.vendor', vendor_units(), "'person'") }} as unit_type,
    spells.unit_id,
    memberships.user_segment,
    memberships.origin
from {{ ref('int_assignment_spells') }} as spells
inner join {{ ref('fct_user_segment_memberships') }} as memberships
    -- A unit that is no person is in the segments of the person it was exposed as.
    on spells.counted_person_id = memberships.person_id
    and spells.counted_from >= memberships.member_from
    and (
        memberships.member_to is null
        or spells.counted_from < memberships.member_to
    )
-- What was served is where the assignment comes from.
where spells.is_last and memberships.origin <> 'served'
