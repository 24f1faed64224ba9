-- One row per touched set and identifier that stands, or stood, in it.
select
    combination_key,
    identifier_key,
    id_type,
    id_value
from {{ ref('int_combination_members') }}
where
    combination_key in (
        select touched.combination_key from {{ ref('int_affected_combinations') }} as touched
    )
union
select
    combination_key,
    identifier_key,
    id_type,
    id_value
from {{ delta('int_combination_members') }}
