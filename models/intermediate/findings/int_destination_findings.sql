-- One row per finding about what destinations receive.
with sources as (

    select * from {{ source('raw', 'config_sources') }}

),

destinations as (

    select * from {{ source('raw', 'config_destinations') }}
    where is_named

)

select
    'region_mismatch' as check_name,
    'error' as severity,
    sources.source || ' / ' || destinations.vendor as subject,
    'the source is in the region ' || sources.region || ', the destination in '
    || destinations.region || '; its messages are counted as delivered' as detail,
    1 as finding_count
from sources
inner join destinations on sources.region <> destinations.region
where not destinations.is_region_enforced
    and coalesce(list_contains(sources.destinations, destinations.vendor), true)
