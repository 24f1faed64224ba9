{{ config(
    materialized='incremental',
    unique_key='set_key',
    affected='int_history_sets_touched',
    delta=true,
) }}
-- One row per message of a person's history, with that person.
with seen as (

    select *
    from {{ ref('int_histories_seen') }}
    {% if is_incremental() %}
    where set_key in (
        select set_key from {{ ref('int_history_sets_touched') }}
    )
    {% endif %}

),

placed as (

    select
        seen.*,
        {{ person_id() }} as person_id
    from seen
    {{ person_joins('seen') }}

)

select * exclude (user_id, anonymous_id, mutiny_visitor_id, email, previous_id)
from placed
where person_id is not null
