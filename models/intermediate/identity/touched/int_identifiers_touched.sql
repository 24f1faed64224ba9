-- One row per identifier that stands, or stood, in a touched set.
select identifier_key
from {{ ref('int_identifier_set_members') }}
where set_key in (
        select touched.set_key from {{ ref('int_identifier_sets_touched') }} as touched
    )
union
select identifier_key
from {{ changes('int_identifier_set_members') }}
