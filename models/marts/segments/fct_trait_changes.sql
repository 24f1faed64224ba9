-- One row per change of a person's trait.
select
    person_id,
    trait,
    {{ as_json('value') }} as value,
    changed_at,
    source,
    message_id,
    received_at
from {{ ref('int_trait_changes') }}
