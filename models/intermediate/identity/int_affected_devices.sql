-- One row per device whose messages, logins or members may have changed.
select device_key
from {{ delta('int_combination_components') }}
where device_key is not null
union
select combinations.device_key
from {{ ref('int_combination_components') }} as combinations
where combinations.device_key is not null
    and combinations.combination_key in (
        select affected.combination_key
        from {{ ref('int_affected_combinations') }} as affected
    )
