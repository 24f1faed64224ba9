-- One row per affected identifier combination and identifier that is, or was, in it.
select
    combination_key,
    identifier_key,
    id_type,
    id_value
from {{ ref('int_combination_members') }}
where
    combination_key in (
        select affected.combination_key
        from {{ ref('int_affected_combinations') }} as affected
    )
union
select
    combination_key,
    identifier_key,
    id_type,
    id_value
from {{ delta('int_combination_members') }}
