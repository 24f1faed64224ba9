{{ config(materialized='incremental', unique_key='account_id', delta=true) }}
-- One row per account, trait that `segments` asks for, and interval in which it has a
-- value. Traits are sent again and again: only another value is a change.
with written as (

    select
        messages.account_id,
        members.key as trait,
        members.value::varchar as value,
        messages.occurred_at,
        messages.received_at,
        messages.message_id
    from {{ ref('int_resolved_account_messages') }} as messages
    cross join lateral json_each(messages.account_traits) as members
    where members.key in (
            select predicates.name
            from {{ source('raw', 'config_predicates') }} as predicates
            where predicates.kind = 'account'
        )

),

changed as (

    select *
    from written
    qualify
        value is distinct from lag(value) over (
            partition by account_id, trait
            order by occurred_at, received_at, message_id
        )

),

intervals as (

    select
        account_id,
        trait,
        value,
        occurred_at as held_from,
        lead(occurred_at) over (
            partition by account_id, trait
            order by occurred_at, received_at, message_id
        ) as held_to
    from changed

)

-- A value that another one replaces at the same instant never held.
select * from intervals
where held_to is null or held_from < held_to
