-- One row per person, user segment and interval of membership, half-open.
with served as (

    select
        person_id,
        vendor,
        experience || ' / ' || {{ segment_alias('audience_segment') }} as user_segment,
        min(exposed_at) as member_from,
        {{ next_instant('max(exposed_at)') }} as member_to
    from {{ ref('fct_exposures') }}
    where person_id is not null and audience_segment is not null
    group by all

),

memberships as (

    select
        person_id,
        user_segment,
        'audience' as origin,
        null as vendor,
        member_from,
        member_to
    from {{ ref('int_audience_memberships') }}
    union all
    select
        person_id,
        user_segment,
        'rule' as origin,
        null as vendor,
        member_from,
        member_to
    from {{ ref('int_rule_memberships') }}
    -- What will hold if nothing happens does not hold yet.
    where member_from <= (select as_of.as_of from {{ ref('int_as_of') }} as as_of)
    union all
    select
        person_id,
        user_segment,
        'served' as origin,
        vendor,
        member_from,
        member_to
    from served

)

select
    memberships.person_id,
    memberships.user_segment,
    memberships.origin,
    memberships.vendor,
    memberships.member_from,
    -- What ends later than anything is known of has not ended.
    case when memberships.member_to <= as_of.as_of then memberships.member_to end
        as member_to
from memberships
cross join {{ ref('int_as_of') }} as as_of
