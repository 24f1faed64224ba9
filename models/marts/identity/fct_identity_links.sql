-- One row per pair of linked identifiers.
select
    id_type_a,
    id_value_a,
    id_type_b,
    id_value_b,
    first_message.occurred_at as first_seen_at,
    last_message.occurred_at as last_seen_at,
    observations,
    first_message.message_id as first_message_id
from {{ ref('int_identifier_links') }}
