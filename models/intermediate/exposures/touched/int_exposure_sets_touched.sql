-- One row per set of identifiers whose exposures, or whom they belong to, may have
-- changed.
select set_key
from {{ changes('int_exposures_seen') }}
union
select set_key
from {{ ref('int_identifier_sets_reowned') }}
