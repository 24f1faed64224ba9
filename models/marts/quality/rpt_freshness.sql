-- One row per source, of lift.yml or of messages.
with sources as (

    select * from {{ ref('int_sources') }}

),

messages as (

    select
        source,
        received_at,
        (epoch_us(received_at) - epoch_us(occurred_at)) / 1000000.0 as delay_seconds
    from {{ ref('stg_segment__messages') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

delays as (

    -- A receipt later than the run is a fault of a clock: dq_findings has it.
    select
        messages.source,
        max(messages.received_at) as last_received_at,
        quantile_cont(messages.delay_seconds, 0.5) as delay_p50_seconds,
        quantile_cont(messages.delay_seconds, 0.95) as delay_p95_seconds,
        count(*) filter (where messages.delay_seconds > 3600) as late_messages
    from messages
    inner join as_of on messages.received_at <= as_of.as_of
    group by messages.source

)

select
    sources.source,
    delays.last_received_at,
    (epoch_us(as_of.as_of) - epoch_us(delays.last_received_at)) / 1000000.0
        as seconds_since_last,
    delays.delay_p50_seconds,
    delays.delay_p95_seconds,
    coalesce(delays.late_messages, 0) as late_messages
from sources
cross join as_of
left join delays on sources.source = delays.source
