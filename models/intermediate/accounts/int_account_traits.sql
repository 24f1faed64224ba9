-- One row per account and trait that it has now.
with members as (

    select
        messages.account_id,
        members.key as trait,
        members.value::varchar as value,
        messages.occurred_at,
        messages.received_at,
        messages.message_id
    from {{ ref('int_resolved_account_messages') }} as messages
    cross join lateral json_each(messages.account_traits) as members

),

latest as (

    select
        account_id,
        trait,
        arg_max(value, {{ message_order() }}) as value,
        max(occurred_at) as updated_at
    from members
    group by account_id, trait

)

select *
from latest
-- Null removes. A text has its quotes, so this is no text.
where value <> 'null'
