{{ config(
    materialized='kept', kept_by=['set_key'], touched='int_history_sets_touched'
) }}
-- One row per message of a person's history, with that person.
with seen as (

    select *
    from {{ ref('int_histories_seen') }}
    where {{ only_touched('set_key', 'int_history_sets_touched') }}

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
