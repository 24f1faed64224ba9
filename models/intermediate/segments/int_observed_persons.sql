{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per person of whom anything was said, with when it was first.
with told as (

    select
        person_id,
        changed_at as told_at
    from {{ ref('int_trait_changes') }}
    {% if is_incremental() %}
    where person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}
    union all
    select
        placed.person_id,
        told.occurred_at
    from {{ ref('int_person_histories') }} as placed
    inner join {{ ref('int_audience_messages') }} as told
        on placed.message_id = told.message_id
    where not told.is_removal
        {% if is_incremental() %}
        and person_id in (select person_id from {{ ref('int_affected_persons') }})
        {% endif %}

)

select
    person_id,
    min(told_at) as first_told_at
from told
group by person_id
