-- One row per behaviour message that names an account, with the person it belongs to.
with messages as (

    select
        {{ account_id() }} as account_id,
        source,
        type,
        event_name,
        user_id,
        anonymous_id,
        {{ mutiny_visitor_id() }} as mutiny_visitor_id,
        {{ merging_email() }} as email,
        occurred_at,
        received_at,
        message_id,
        traits
    from {{ ref('stg_segment__messages') }}
    where is_behaviour
        -- Looking for the word first spares most messages the parser; a key may also be
        -- written in escapes.
        and (
            group_id is not null
            or contains(context, '"groupId"')
            or contains(context, '\u')
        )

),

naming as (

    select * from messages
    where account_id is not null

),

placed as (

    select
        naming.*,
        {{ person_id() }} as person_id
    from naming
    {{ person_joins('naming') }}

)

select
    account_id,
    person_id,
    source,
    coalesce(event_name = 'Account Removed User', false) as is_removal,
    case when type = 'group' then traits end as account_traits,
    occurred_at,
    received_at,
    message_id
from placed
-- Blocked identifiers alone make no person: such a message stands outside everything. A
-- group call that has no identifier speaks of the account alone.
where person_id is not null
    or (type = 'group' and user_id is null and anonymous_id is null)
