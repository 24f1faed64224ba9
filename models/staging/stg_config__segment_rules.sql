-- One row per segment of `segments:`; its flag is a bit of what its chunk evaluates to.
select
    user_segment,
    chunk,
    flag,
    is_default,
    is_retrospective
from {{ source('raw', 'config_segment_rules') }}
