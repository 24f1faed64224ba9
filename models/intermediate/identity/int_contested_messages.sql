{{ config(
    materialized='incremental', unique_key='device_key', affected='int_devices_touched'
) }}
-- One row per message on a device that more than one person logged in on.
with placed as (

    select *
    from {{ ref('int_identifier_sets_placed') }}
    where device_key is not null
        {% if is_incremental() %}
        and device_key in (
            select device_key from {{ ref('int_devices_touched') }}
        )
        {% endif %}

),

contested as (

    select device_key
    from placed
    where person_key is not null
    group by device_key
    having count(distinct person_key) > 1

)

select
    placed.device_key,
    placed.person_key,
    messages.occurred_at,
    messages.received_at,
    messages.message_id
from placed
inner join contested on placed.device_key = contested.device_key
inner join {{ ref('int_messages_identified') }} as messages
    on placed.set_key = messages.set_key
where messages.is_behaviour
