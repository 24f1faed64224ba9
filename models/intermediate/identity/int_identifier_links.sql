{{ config(
    materialized='incremental',
    unique_key=['identifier_key_a', 'identifier_key_b'],
    affected='int_affected_links',
    delta=true,
) }}
-- One row per pair of identifiers that were on one message.
with members_a as (

    select *
    from {{ ref('int_combination_members') }}
    {% if is_incremental() %}
    where identifier_key in (
        select identifier_key_a from {{ ref('int_affected_links') }}
    )
    {% endif %}

),

members_b as (

    select *
    from {{ ref('int_combination_members') }}
    {% if is_incremental() %}
    where identifier_key in (
        select identifier_key_b from {{ ref('int_affected_links') }}
    )
    {% endif %}

),

pairs as (

    select
        members_a.combination_key,
        members_a.identifier_key as identifier_key_a,
        members_b.identifier_key as identifier_key_b,
        members_a.id_type as id_type_a,
        members_a.id_value as id_value_a,
        members_b.id_type as id_type_b,
        members_b.id_value as id_value_b,
        members_a.is_strong as is_strong_a,
        members_b.is_strong as is_strong_b
    from members_a
    inner join members_b
        on members_a.combination_key = members_b.combination_key
        and (members_a.id_type, members_a.id_value)
        < (members_b.id_type, members_b.id_value)

)

select
    pairs.identifier_key_a,
    pairs.identifier_key_b,
    pairs.id_type_a,
    pairs.id_value_a,
    pairs.id_type_b,
    pairs.id_value_b,
    pairs.is_strong_a,
    pairs.is_strong_b,
    min(sets.first_message) as first_message,
    max(sets.last_message) as last_message,
    sum(sets.message_count)::bigint as observations
from pairs
inner join {{ ref('int_identifier_combinations') }} as sets
    on pairs.combination_key = sets.combination_key
{% if is_incremental() %}
where (identifier_key_a, identifier_key_b) in (
    select identifier_key_a, identifier_key_b from {{ ref('int_affected_links') }}
)
{% endif %}
group by all
