-- One row per identifier combination whose person or device may have changed.
select combination_key from {{ ref('int_affected_combinations') }}
union
select members.combination_key
from {{ ref('int_combination_members') }} as members
where members.identifier_key in (
        select components.node
        from {{ delta('int_identifier_components') }} as components
    )
