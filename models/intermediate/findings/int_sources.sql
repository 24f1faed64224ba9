-- One row per source of lift.yml or of messages: what it is, whether it is connected to
-- a destination that is active, and when it was last received.
with sources as (

    select * from {{ source('raw', 'config_sources') }}

),

volumes as (

    select
        source,
        max(last_received_at) as last_received_at
    from {{ ref('int_message_volumes') }}
    group by source

),

destinations as (

    -- Where lift.yml names none, every source is connected.
    select
        count(*) as named_count,
        coalesce(list(vendor) filter (where is_active), []) as active
    from {{ source('raw', 'config_destinations') }}
    where is_named

)

select
    coalesce(sources.source, volumes.source) as source,
    sources.source is not null as is_configured,
    sources.kind,
    case
        when sources.destinations is null
            then destinations.named_count = 0 or len(destinations.active) > 0
        else list_has_any(sources.destinations, destinations.active)
    end as is_connected,
    volumes.last_received_at
from sources
full join volumes on sources.source = volumes.source
cross join destinations
