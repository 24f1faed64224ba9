-- One row per name that the landing zone may have for a source: its key and its id.
select
    landed_as,
    source
from {{ source('raw', 'config_source_keys') }}
