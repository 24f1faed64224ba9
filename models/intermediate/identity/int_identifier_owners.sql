{{ config(
    materialized='incremental',
    unique_key='identifier_key',
    affected='int_affected_identifiers',
    delta=true,
) }}
-- One row per identifier and interval of ownership, half-open, null meaning open on
-- that side.
with identifiers as (

    select
        seen.*,
        components.component
    from {{ ref('int_identifiers') }} as seen
    left join {{ ref('int_identifier_components') }} as components
        on seen.identifier_key = components.node
    {% if is_incremental() %}
    where identifier_key in (
        select identifier_key from {{ ref('int_affected_identifiers') }}
    )
    {% endif %}

),

strong as (

    select
        identifiers.identifier_key,
        identifiers.id_type,
        identifiers.id_value,
        identifiers.link_count,
        identifiers.is_hub as is_blocked,
        identifiers.component as person_key,
        null::timestamp as owned_from,
        null::timestamp as owned_to
    from identifiers
    where identifiers.is_strong or identifiers.is_hub

),

weak as (

    select
        identifiers.identifier_key,
        identifiers.id_type,
        identifiers.id_value,
        identifiers.link_count,
        false as is_blocked,
        owners.person_key,
        owners.owned_from,
        owners.owned_to
    from identifiers
    inner join {{ ref('int_device_owners') }} as owners
        on identifiers.component = owners.device_key
    where not identifiers.is_strong and not identifiers.is_hub

),

owned as (

    select * from strong
    union all
    select * from weak

)

select
    owned.identifier_key,
    owned.id_type,
    owned.id_value,
    persons.person_id,
    owned.owned_from,
    owned.owned_to,
    owned.link_count,
    owned.is_blocked
from owned
left join {{ ref('int_persons') }} as persons
    on owned.person_key = persons.component
union all
select
    identifier_key,
    id_type,
    id_value,
    id_type || ':' || id_value as person_id,
    null as owned_from,
    null as owned_to,
    0 as link_count,
    false as is_blocked
from {{ ref('int_engage_identifiers') }}
{% if is_incremental() %}
where identifier_key in (
    select identifier_key from {{ ref('int_affected_identifiers') }}
)
{% endif %}
