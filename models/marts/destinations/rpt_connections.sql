-- One row per source, of lift.yml or of messages, and destination that is set up.
with sources as (

    select * from {{ ref('int_sources') }}

),

configured as (

    select * from {{ source('raw', 'config_sources') }}

),

destinations as (

    select * from {{ source('raw', 'config_destinations') }}
    where is_named

)

select
    sources.source,
    destinations.vendor as destination,
    -- A source without a list is connected to every destination.
    coalesce(list_contains(configured.destinations, destinations.vendor), true)
        as is_connected
from sources
cross join destinations
left join configured on sources.source = configured.source
