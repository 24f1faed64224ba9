-- One row per person whose identifiers, or when they were first seen, may have changed.
select component as person_key
from {{ ref('int_affected_components') }}
union
select device_key
from {{ delta('int_device_owners') }}
