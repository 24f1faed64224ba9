-- One row per device whose messages, logins or members may have changed.
select device_key
from {{ delta('int_identifier_sets_placed') }}
where device_key is not null
union
select placed.device_key
from {{ ref('int_identifier_sets_placed') }} as placed
where placed.device_key is not null
    and placed.set_key in (
        select touched.set_key from {{ ref('int_identifier_sets_touched') }} as touched
    )
