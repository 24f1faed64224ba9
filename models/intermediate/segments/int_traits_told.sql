{{ config(
    materialized='kept', kept_by=['person_id'], touched='int_history_persons_touched'
) }}
-- One row per person, source, trait and value that identify calls told. What says the
-- same again is one of them.
with told as (

    select *
    from {{ ref('int_histories_placed') }}
    where type = 'identify' and told is not null
        and {{ only_touched('person_id', 'int_history_persons_touched') }}

)

select
    told.person_id,
    told.source,
    members.key as trait,
    {{ json_comparable('members.value::varchar', 'members.type') }} as value,
    {{ json_type_name('members.type') }} as value_type,
    min(told.occurred_at) as first_seen_at,
    max(told.occurred_at) as last_seen_at
from told
cross join lateral json_each(told.told) as members
-- A removal is no value.
where members.type <> 'NULL'
group by all
