{{ config(
    materialized='incremental',
    unique_key='person_id',
    affected='int_affected_persons',
) }}
-- One row per change of a person's trait. Traits are sent again and again: only another
-- value is a change.
with observed as (

    select *
    from {{ ref('int_person_histories') }}
    where type = 'identify' and observed is not null
    {% if is_incremental() %}
        and person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}

),

written as (

    select
        observed.person_id,
        observed.message_id,
        observed.source,
        observed.occurred_at,
        observed.received_at,
        members.key as trait,
        nullif(members.type, 'NULL') as value_kind,
        case when members.type <> 'NULL' then members.value::varchar end as value
    from observed
    cross join lateral json_each(observed.observed) as members

),

traits as (

    select
        * exclude (value),
        {{ json_comparable('value', 'value_kind') }} as value
    from written

),

compared as (

    select
        *,
        lag(value) over (
            partition by person_id, trait order by occurred_at, received_at, message_id
        ) as value_before
    from traits

)

select
    person_id,
    trait,
    value,
    value_kind,
    occurred_at as changed_at,
    received_at,
    message_id,
    source
from compared
where value is distinct from value_before
