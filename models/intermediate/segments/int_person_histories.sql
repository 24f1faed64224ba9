{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per message of a person's history, with that person.
with message_persons as (

    select *
    from {{ ref('int_message_persons') }}
    where person_id is not null
    {% if is_incremental() %}
        and person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}

)

select
    messages.* exclude (email),  -- noqa: RF02
    message_persons.person_id
from {{ ref('int_history_messages') }} as messages
inner join message_persons on messages.message_id = message_persons.message_id
