{{ config(
    materialized='incremental',
    unique_key='component',
    affected='int_affected_components',
    delta=true,
) }}
-- One row per person with its readable id: the earliest-seen user_id, else email, else
-- weak identifier.
with identifiers as (

    select
        seen.*,
        components.component
    from {{ ref('int_identifiers') }} as seen
    inner join {{ ref('int_identifier_components') }} as components
        on seen.identifier_key = components.node
    {% if is_incremental() %}
    where component in (select component from {{ ref('int_affected_components') }})
    {% endif %}

),

candidates as (

    select component, id_type, id_value, first_message
    from identifiers
    where is_strong
    union all
    select
        identifiers.component,
        identifiers.id_type,
        identifiers.id_value,
        identifiers.first_message
    from identifiers
    inner join {{ ref('int_device_owners') }} as owners
        on identifiers.component = owners.device_key
        and owners.person_key = owners.device_key
    where not identifiers.is_strong

)

select
    component,
    id_type || ':' || id_value as person_id,
    id_type in ('user_id', 'email') as is_identified
from candidates
qualify
    row_number() over (
        partition by component
        order by id_type <> 'user_id', first_message, id_type, id_value
    ) = 1
