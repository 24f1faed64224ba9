-- One row per person, Engage audience and interval of membership, half-open.
with instants as (

    -- What a person was after all that was said in one instant.
    select
        person_id,
        audience,
        changed_at,
        arg_max(
            is_member,
            struct_pack(received_at := received_at, message_id := message_id)
        ) as is_member
    from {{ ref('int_audience_changes') }}
    group by person_id, audience, changed_at

),

turns as (

    select *
    from instants
    qualify
        is_member <> lag(is_member, 1, false) over (
            partition by person_id, audience order by changed_at
        )

),

intervals as (

    select
        *,
        lead(changed_at) over (
            partition by person_id, audience order by changed_at
        ) as member_to
    from turns

)

select
    person_id,
    audience as user_segment,
    changed_at as member_from,
    member_to
from intervals
where is_member
