{{ config(
    materialized='incremental',
    unique_key='person_id',
    affected='int_affected_persons',
) }}
-- One row per person, source, trait and value that identify calls sent; repeats are one
-- row.
with observed as (

    select *
    from {{ ref('int_person_histories') }}
    where type = 'identify' and observed is not null
    {% if is_incremental() %}
        and person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}

)

select
    observed.person_id,
    observed.source,
    members.key as trait,
    {{ json_comparable('members.value::varchar', 'members.type') }} as value,
    {{ json_type_name('members.type') }} as value_type,
    min(observed.occurred_at) as first_seen_at,
    max(observed.occurred_at) as last_seen_at
from observed
cross join lateral json_each(observed.observed) as members
-- A removal is not a value.
where members.type <> 'NULL'
group by all
