{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per person seen on behaviour, with its first and last message.
with messages as (

    select *
    from {{ ref('int_message_persons') }}
    where is_behaviour and person_id is not null
    {% if is_incremental() %}
        and person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}

)

select
    person_id,
    min(occurred_at) as first_seen_at,
    max(occurred_at) as last_seen_at
from messages
group by person_id
