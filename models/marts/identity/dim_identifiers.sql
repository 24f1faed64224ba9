-- One row per identifier and interval of ownership.
select
    id_type,
    id_value,
    person_id,
    owned_from,
    owned_to,
    link_count,
    is_blocked
from {{ ref('int_identifier_owners') }}
