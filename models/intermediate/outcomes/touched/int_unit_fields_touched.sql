-- One row per unit whose first view, or what its message says, may have changed.
select unit_id
from {{ delta('int_assignment_spells') }}
union
select spells.unit_id
from {{ ref('int_assignment_spells') }} as spells
where
    spells.counted_view.message_id in (
        select seen.message_id from {{ delta('int_exposures_seen') }} as seen
    )
