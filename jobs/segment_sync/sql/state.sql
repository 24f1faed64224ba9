-- One row per rule segment and identifier: what was sent last, these changes included.
select sent.*
from sent
anti join changes
    on sent.key = changes.key
    and sent.id_type = changes.id_type
    and sent.id_value = changes.id_value
union all by name
select * from changes
