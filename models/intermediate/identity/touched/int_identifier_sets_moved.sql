-- One row per set whose person or device may have changed.
select set_key from {{ ref('int_identifier_sets_touched') }}
union
select members.set_key
from {{ ref('int_identifier_set_members') }} as members
where members.identifier_key in (
        select components.node
        from {{ delta('int_identifier_components') }} as components
    )
