-- One row per set of identifiers whose messages, or whom they belong to, may have
-- changed.
select set_key
from {{ changes('int_histories_seen') }}
union
select set_key
from {{ ref('int_identifier_sets_reowned') }}
