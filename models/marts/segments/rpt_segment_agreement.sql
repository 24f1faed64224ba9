-- One row per vendor, experience, audience segment served and rule segment of its name.
with segment_aliases as (

    select * from {{ source('raw', 'config_segment_aliases') }}

),

exposed as (

    select
        vendor,
        experience,
        assigned_segment as audience_segment,
        person_id,
        min(exposed_at) as first_exposed_at
    from {{ ref('fct_exposures') }}
    where person_id is not null and assigned_segment is not null
    group by all

),

rules as (

    select
        user_segment,
        user_segment as name
    from {{ source('raw', 'config_segment_rules') }}
    union
    select
        segment_rules.user_segment,
        segment_aliases.canonical_name as name
    from {{ source('raw', 'config_segment_rules') }} as segment_rules
    inner join segment_aliases
        on segment_rules.user_segment = segment_aliases.audience_segment

),

served as (

    select audience_segment
    from exposed
    group by audience_segment

),

namesakes as (

    select
        served.audience_segment,
        rules.user_segment
    from served
    inner join rules
        on lower(served.audience_segment) = lower(rules.name)
        -- A name without Latin letters and digits has no snake_case.
        or nullif({{ snake_case('served.audience_segment') }}, '')
        = {{ snake_case('rules.name') }}
    group by served.audience_segment, rules.user_segment

),

judged as (

    select
        exposed.vendor,
        exposed.experience,
        exposed.audience_segment,
        namesakes.user_segment,
        memberships.person_id is not null as is_member
    from exposed
    inner join namesakes
        on exposed.audience_segment = namesakes.audience_segment
    left join {{ ref('fct_user_segment_memberships') }} as memberships
        on exposed.person_id = memberships.person_id
        and namesakes.user_segment = memberships.user_segment
        and memberships.origin = 'rule'
        and exposed.first_exposed_at >= memberships.member_from
        and (
            memberships.member_to is null
            or exposed.first_exposed_at < memberships.member_to
        )

)

select
    vendor,
    experience,
    audience_segment,
    user_segment,
    count(*) as exposed_persons,
    count(*) filter (where is_member) as agree,
    count(*) filter (where not is_member) as disagree,
    count(*) filter (where is_member) / count(*) as agreement_share
from judged
group by vendor, experience, audience_segment, user_segment
