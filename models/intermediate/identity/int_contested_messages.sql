-- One row per message on a device that more than one person logged in on.
with contested as (

    select device_key
    from {{ ref('int_identifier_sets_placed') }}
    where device_key is not null and person_key is not null
    group by device_key
    having count(distinct person_key) > 1

),

contested_sets as (

    select sets.*
    from {{ ref('int_identifier_sets_placed') }} as sets
    inner join contested on sets.device_key = contested.device_key

),

messages as (

    select
        {{ written_identifiers() }},
        occurred_at,
        received_at,
        message_id
    from {{ ref('stg_segment__messages') }}
    where is_behaviour

)

select
    sets.device_key,
    sets.person_key,
    messages.occurred_at,
    messages.received_at,
    messages.message_id
from messages
inner join contested_sets as sets
    on messages.user_id is not distinct from sets.user_id
    and messages.anonymous_id is not distinct from sets.anonymous_id
    and messages.mutiny_visitor_id is not distinct from sets.mutiny_visitor_id
    and messages.email is not distinct from sets.email
    and messages.previous_id is not distinct from sets.previous_id
