-- One row per source, of lift.yml or of messages, and destination that is set up.
with connections as (

    select * from {{ ref('rpt_connections') }}

),

destinations as (

    select * from {{ source('raw', 'config_destinations') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

offers as (

    select * from {{ ref('int_deliveries') }}

),

recent as (

    -- What came within quality.stale_after before as-of, and the last delivery of all.
    select
        offers.destination,
        offers.source,
        offers.drop_reason,
        count_if(
            offers.received_at >= as_of.as_of
            - to_seconds({{ var('quality')['stale_after_seconds'] }})
        ) as messages,
        max(offers.received_at) as last_received_at
    from offers
    inner join as_of on offers.received_at <= as_of.as_of
    group by offers.destination, offers.source, offers.drop_reason

),

received as (

    select
        destination,
        source,
        max(last_received_at) filter (where drop_reason is null) as last_delivered_at,
        bool_or(drop_reason is null and messages > 0) as is_receiving
    from recent
    group by destination, source

),

commonest as (

    -- Of equally common reasons the first in the alphabet.
    select
        destination,
        source,
        drop_reason
    from recent
    where messages > 0 and drop_reason is not null
    qualify row_number() over (
            partition by destination, source
            order by messages desc, drop_reason asc
        ) = 1

),

connected as (

    select
        destination,
        bool_or(is_connected) as has_source
    from connections
    group by destination

)

select
    connections.source,
    connections.destination,
    case
        when destinations.state = 'not_configured' then 'Not configured'
        when not destinations.is_active or not connected.has_source then 'Inactive'
        else 'Active'
    end as status,
    coalesce(received.is_receiving, false) as is_receiving,
    case
        when received.is_receiving then null
        when not destinations.is_active then 'destination_inactive'
        when not connections.is_connected then 'source_not_connected'
        else coalesce(commonest.drop_reason, 'no_events')
    end as reason,
    received.last_delivered_at
from connections
inner join destinations on connections.destination = destinations.vendor
inner join connected on connections.destination = connected.destination
left join received
    on connections.destination = received.destination
    and connections.source = received.source
left join commonest
    on connections.destination = commonest.destination
    and connections.source = commonest.source
