-- One row per person, user segment and interval of membership, half-open.
with views as (

    select
        exposures.*,
        exposures.experience || ' / ' || exposures.assigned_segment as user_segment,
        exposures.received_at <= builds.started_at as is_received
    from {{ ref('fct_exposures') }} as exposures
    cross join {{ ref('stg_job__builds') }} as builds
    where exposures.person_id is not null and exposures.audience_segment is not null

),

served as (

    select
        person_id,
        vendor,
        user_segment,
        min(exposed_at) as member_from,
        -- A receipt later than the run leaves the end where it is.
        {{ next_instant('max(exposed_at) filter (where is_received)') }} as member_to
    from views
    group by person_id, vendor, user_segment

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
