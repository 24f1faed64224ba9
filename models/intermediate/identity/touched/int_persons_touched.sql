-- One row per person whose identifiers, or when they were first seen, may have changed.
select component as person_key
from {{ changes('int_identifier_components') }}
union
select components.component
from {{ ref('int_identifier_components') }} as components
where components.node in (
        select identifiers.identifier_key
        from {{ changes('int_identifiers_seen') }} as identifiers
    )
union
select device_key
from {{ changes('int_device_owners') }}
