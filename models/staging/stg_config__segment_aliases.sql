-- One row per other name of an audience segment, with the name it counts under.
select
    audience_segment,
    canonical_name
from {{ source('raw', 'config_segment_aliases') }}
