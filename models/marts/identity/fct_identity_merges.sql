{{ config(database=target.database) }}
-- One row per person absorbed: what named a person once and names none now.
-- In the warehouse: it reads which run found a row from its own last version.
with named as (

    select
        absorbed.id_type || ':' || absorbed.id_value as absorbed_person_id,
        owners.person_id,
        links.id_type_a,
        links.id_value_a,
        links.id_type_b,
        links.id_value_b,
        links.first_message.message_id,
        links.first_message.occurred_at
    from {{ ref('int_persons_absorbed') }} as absorptions
    inner join {{ ref('int_identifiers') }} as absorbed
        on absorptions.node = absorbed.identifier_key
    inner join {{ ref('int_identifier_links') }} as links
        on absorptions.identifier_key_a = links.identifier_key_a
        and absorptions.identifier_key_b = links.identifier_key_b
    inner join {{ ref('int_identifier_owners') }} as owners
        on absorptions.node = owners.identifier_key
        and (
            owners.owned_from is null
            or absorbed.first_message.occurred_at >= owners.owned_from
        )
        and (
            owners.owned_to is null
            or absorbed.first_message.occurred_at < owners.owned_to
        )
    -- What was linked from its first message on never was a person of its own.
    where absorbed.first_message.message_id <> links.first_message.message_id
),

previous as (

    select *
    from {{ previous_rows('fct_identity_merges', {
        'absorbed_person_id': 'varchar',
        'person_id': 'varchar',
        'message_id': 'varchar',
        'run_id': 'varchar',
    }) }} as previous_rows

)

select
    named.*,
    coalesce(previous.run_id, builds.run_id) as run_id
from named
left join {{ source('raw', 'builds') }} as builds on true
left join previous
    on named.absorbed_person_id = previous.absorbed_person_id
    and named.person_id = previous.person_id
    and named.message_id = previous.message_id
