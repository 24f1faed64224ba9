-- One row per run of an experience, from its first day to before its last; null is
-- open.
select
    experience,
    from_date,
    to_date
from {{ source('raw', 'config_periods') }}
