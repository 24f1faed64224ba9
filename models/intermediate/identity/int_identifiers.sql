{{ config(
    materialized='incremental',
    unique_key='identifier_key',
    affected='int_affected_members',
    delta=true,
) }}
-- One row per identifier seen on behaviour, with its links counted and hubs marked.
with seen as (

    select
        members.identifier_key,
        members.id_type,
        members.id_value,
        members.is_strong,
        min(sets.first_message) as first_message,
        max(sets.last_message) as last_message
    from {{ ref('int_combination_members') }} as members
    inner join {{ ref('int_identifier_combinations') }} as sets
        on members.combination_key = sets.combination_key
    {% if is_incremental() %}
    where identifier_key in (
        select identifier_key from {{ ref('int_affected_members') }}
    )
    {% endif %}
    group by all

),

neighbours as (

    select identifier_key_a as identifier_key, id_type_b as neighbour_type
    from {{ ref('int_identifier_links') }}
    {% if is_incremental() %}
    where identifier_key_a in (
        select identifier_key from {{ ref('int_affected_members') }}
    )
    {% endif %}
    union all
    select identifier_key_b, id_type_a
    from {{ ref('int_identifier_links') }}
    {% if is_incremental() %}
    where identifier_key_b in (
        select identifier_key from {{ ref('int_affected_members') }}
    )
    {% endif %}

),

degrees as (

    select identifier_key, neighbour_type, count(*) as degree
    from neighbours
    group by identifier_key, neighbour_type

),

widest as (

    select
        identifier_key,
        sum(degree)::bigint as link_count,
        max(degree) as largest_degree
    from degrees
    group by identifier_key

)

select
    seen.*,
    coalesce(widest.link_count, 0) as link_count,
    coalesce(widest.largest_degree, 0) as largest_degree,
    -- A user_id never is a hub: it is a person, however many devices it has.
    seen.id_type <> 'user_id'
    and coalesce(widest.largest_degree, 0) > {{ var('identity')['max_links'] }}
        as is_hub
from seen
left join widest on seen.identifier_key = widest.identifier_key
