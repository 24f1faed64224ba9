-- One row per device whose messages, logins or members may have changed.
select device_key
from {{ delta('int_combination_components') }}
where device_key is not null
union
select placed.device_key
from {{ ref('int_combination_components') }} as placed
where placed.device_key is not null
    and placed.combination_key in (
        select touched.combination_key from {{ ref('int_affected_combinations') }} as touched
    )
