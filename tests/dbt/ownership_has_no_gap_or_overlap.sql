-- The intervals of an identifier are half-open and follow each other without gap or
-- overlap.
with neighbours as (

    select
        *,
        row_number() over owned = 1 as is_first,
        lag(owned_to) over owned as previous_to,
        lead(id_value) over owned is null as is_last
    from {{ ref('dim_identifiers') }}
    window owned as (
        partition by id_type, id_value order by owned_from nulls first
    )

)

select *
from neighbours
where (is_first and owned_from is not null)
    or (not is_first and owned_from is distinct from previous_to)
    or (is_last and owned_to is not null)
    or (not is_last and owned_to is null)
    or owned_from >= owned_to
