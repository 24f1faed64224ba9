-- One row per account. A trait is a top-level key of the traits of group calls, with
-- its case: absent keeps it, an empty text is a value.
with seen as (

    select
        account_id,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from {{ ref('int_resolved_account_messages') }}
    group by account_id

),

written as (

    select
        messages.account_id,
        members.key as trait,
        arg_max(members.value::varchar, {{ message_order('messages') }}) as value
    from {{ ref('int_resolved_account_messages') }} as messages
    cross join lateral json_each(messages.account_traits) as members
    group by messages.account_id, members.key

),

traits as (

    -- Sorted, so that the text follows from the messages alone.
    select
        account_id,
        '{' || string_agg(
            to_json(trait)::varchar || ':' || value, ',' order by trait
        ) || '}' as traits
    from written
    -- Null removes. A text has its quotes, so this is no text.
    where value <> 'null'
    group by account_id

),

members as (

    select
        account_id,
        count(*) as person_count
    from {{ ref('bridge_person_accounts') }}
    where removed_at is null
    group by account_id

)

select
    seen.account_id,
    {{ as_json("coalesce(traits.traits, '{}')") }} as traits,
    coalesce(members.person_count, 0) as person_count,
    seen.first_seen_at,
    seen.last_seen_at
from seen
left join traits on seen.account_id = traits.account_id
left join members on seen.account_id = members.account_id
