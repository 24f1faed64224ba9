-- One row per distinct set of identifiers that stands on messages, as written there,
-- with the first and the last of those messages. Everything identity needs of the bulk
-- of messages is in here.
with sets as (

    select
        {{ written_identifiers() }},
        count(*) as message_count,
        min({{ message_order() }}) as first_message,
        max({{ message_order() }}) as last_message
    from {{ ref('stg_segment__messages') }}
    where is_behaviour
    group by all

)

-- The key is made of the sets, not of the messages.
select
    *,
    md5(to_json([
        user_id, anonymous_id, mutiny_visitor_id, email, previous_id
    ])::varchar)::uuid as set_key
from sets
