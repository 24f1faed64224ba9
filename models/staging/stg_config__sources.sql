-- One row per source of lift.yml; without destinations it is connected to all of them.
select
    source,
    kind,
    environment,
    region,
    destinations
from {{ source('raw', 'config_sources') }}
