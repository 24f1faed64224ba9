{{ config(materialized='incremental', unique_key='person_id', delta=true) }}
-- One row per person seen on behaviour, with its first and last message.
with by_set as (

    select
        persons.person_id,
        sets.first_message.occurred_at as first_seen_at,
        sets.last_message.occurred_at as last_seen_at
    from {{ ref('int_identifier_sets_placed') }} as placed
    inner join {{ ref('int_identifier_sets') }} as sets on placed.set_key = sets.set_key
    left join {{ ref('int_device_owners') }} as owners
        on placed.device_key = owners.device_key
        and placed.person_key is null
        and owners.owned_from is null
        and owners.owned_to is null
    inner join {{ ref('int_persons_named') }} as persons
        on coalesce(placed.person_key, owners.person_key) = persons.person_key

),

-- What happened on a contested device without a login belongs to its owner at that
-- moment.
owners_since as (

    select
        device_key,
        person_key,
        coalesce(owned_from, timestamp '0001-01-01') as owned_from
    from {{ ref('int_device_owners') }}
    where owned_from is not null or owned_to is not null

),

by_message as (

    select
        persons.person_id,
        messages.occurred_at as first_seen_at,
        messages.occurred_at as last_seen_at
    from {{ ref('int_contested_messages') }} as messages
    -- Intervals leave no gap: the last one that has begun is that of the message.
    asof inner join owners_since as owners
        on messages.device_key = owners.device_key
        and messages.occurred_at >= owners.owned_from
    inner join {{ ref('int_persons_named') }} as persons
        on owners.person_key = persons.person_key
    where messages.person_key is null

),

activity as (

    select * from by_set
    union all
    select * from by_message

)

select
    person_id,
    min(first_seen_at) as first_seen_at,
    max(last_seen_at) as last_seen_at
from activity
group by person_id
