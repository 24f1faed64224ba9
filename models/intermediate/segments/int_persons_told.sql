{{ config(
    materialized='kept', kept_by=['person_id'], touched='int_history_persons_touched'
) }}
-- One row per person of whom anything was said, with when it was first.
with told as (

    select
        person_id,
        changed_at as told_at
    from {{ ref('int_trait_changes') }}
    where {{ only_touched('person_id', 'int_history_persons_touched') }}
    union all
    select
        placed.person_id,
        told.occurred_at
    from {{ ref('int_histories_placed') }} as placed
    inner join {{ ref('int_audiences_told') }} as told
        on placed.message_id = told.message_id
    where not told.is_removal
        and {{ only_touched('person_id', 'int_history_persons_touched') }}

)

select
    person_id,
    min(told_at) as first_told_at
from told
group by person_id
