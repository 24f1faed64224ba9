-- One row per person, account and interval of membership.
with messages as (

    select
        *,
        -- A removal ends the interval of the messages before it, back to the removal
        -- before that.
        count(*) filter (where is_removal) over (
            partition by person_id, account_id
            order by occurred_at, received_at, message_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_removals
    from {{ ref('int_resolved_account_messages') }}
    where person_id is not null

)

select
    person_id,
    account_id,
    min(occurred_at) filter (where not is_removal) as member_from,
    max(occurred_at) filter (where is_removal) as member_to,
    max(occurred_at) filter (where not is_removal) as last_seen_at
from messages
group by person_id, account_id, earlier_removals
-- Nobody is removed twice, or without ever having been a member.
having bool_or(not is_removal)
