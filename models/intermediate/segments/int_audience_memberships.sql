-- One row per person, Engage audience and interval of membership, half-open.
with intervals as (

    select
        *,
        lead(changed_at) over (
            partition by person_id, audience
            order by changed_at, received_at, message_id
        ) as member_to
    from {{ ref('int_audience_changes') }}

)

select
    person_id,
    audience as user_segment,
    changed_at as member_from,
    member_to
from intervals
where is_member
    and (member_to is null or changed_at < member_to)
