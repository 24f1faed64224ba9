-- One row per value that conversions collapse on, of which messages, or whom they
-- belong to, may have changed.
select distinct_key
from {{ delta('int_conversions_seen') }}
union
select distinct_key
from {{ ref('int_conversions_seen') }}
where
    set_key in (
        select reowned.set_key from {{ ref('int_identifier_sets_reowned') }} as reowned
    )
