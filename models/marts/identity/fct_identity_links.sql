-- One row per pair of linked identifiers.
select
    links.id_type_a,
    links.id_value_a,
    links.id_type_b,
    links.id_value_b,
    links.first_message.occurred_at as first_seen_at,
    links.last_message.occurred_at as last_seen_at,
    links.observations,
    links.first_message.message_id as first_message_id
from {{ ref('int_identifier_links') }} as links
