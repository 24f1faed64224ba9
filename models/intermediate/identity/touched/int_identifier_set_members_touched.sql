-- One row per touched set and identifier that stands, or stood, in it.
select
    set_key,
    identifier_key,
    id_type,
    id_value
from {{ ref('int_identifier_set_members') }}
where
    set_key in (
        select touched.set_key from {{ ref('int_identifier_sets_touched') }} as touched
    )
union
select
    set_key,
    identifier_key,
    id_type,
    id_value
from {{ delta('int_identifier_set_members') }}
