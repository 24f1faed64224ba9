{{ config(
    materialized='incremental', unique_key='device_key', affected='int_affected_devices'
) }}
-- One row per message on a device that more than one person logged in on.
with combinations as (

    select *
    from {{ ref('int_combination_components') }}
    where device_key is not null
    {% if is_incremental() %}
        and device_key in (select device_key from {{ ref('int_affected_devices') }})
    {% endif %}

),

shared as (

    select device_key
    from combinations
    where person_key is not null
    group by device_key
    having count(distinct person_key) > 1

)

select
    combinations.device_key,
    combinations.person_key,
    messages.occurred_at,
    messages.received_at,
    messages.message_id
from combinations
inner join shared on combinations.device_key = shared.device_key
inner join {{ ref('int_message_identifiers') }} as messages
    on combinations.combination_key = messages.combination_key
where messages.is_behaviour
