{{ config(
    materialized='incremental',
    unique_key='person_id',
    affected='int_affected_persons',
) }}
-- One row per turn of a person's membership of an Engage audience: a repeat is none.
with observed as (

    select
        histories.person_id,
        observed.*
    from {{ ref('int_person_histories') }} as histories
    inner join {{ ref('int_audience_messages') }} as observed
        on histories.message_id = observed.message_id
    {% if is_incremental() %}
    where person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}

),

turns as (

    select
        *,
        lag(is_member, 1, false) over (
            partition by person_id, audience
            order by occurred_at, received_at, message_id
        ) as was_member
    from observed

)

select
    person_id,
    audience,
    is_member,
    occurred_at as changed_at,
    received_at,
    message_id,
    source
from turns
where is_member <> was_member
