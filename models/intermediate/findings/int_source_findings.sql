-- One row per finding about the sources of lift.yml: silent, or not connected.
with sources as (

    select * from {{ ref('int_sources') }}

),

-- Where the messages of a conversion come from, by the vendor that would count them.
deliveries as (

    select
        seen.conversion,
        seen.source,
        coalesce(seen.event_name, seen.conversion) as event_name,
        deliveries.message_id,
        deliveries.vendor,
        deliveries.drop_reason
    from {{ ref('int_conversions_delivered') }} as deliveries
    inner join {{ ref('int_conversion_messages') }} as seen
        on deliveries.conversion = seen.conversion
        and deliveries.message_id = seen.message_id
    where not seen.is_refund

),

-- The traits that segments ask for.
asked as (

    select name as trait
    from {{ source('raw', 'config_predicates') }}
    where kind = 'trait'
    group by name

)

select
    'no_events' as check_name,
    case when kind = 'website' and is_connected then 'error' else 'warning' end
        as severity,
    source as subject,
    'a source of lift.yml that no message has come from' as detail,
    1 as finding_count
from sources
where last_received_at is null
union all
select
    'stale_source' as check_name,
    'warning' as severity,
    sources.source as subject,
    'nothing received since ' || strftime(sources.last_received_at, '%Y-%m-%d %H:%M')
    || ', longer than quality.stale_after' as detail,
    1 as finding_count
from sources
cross join {{ ref('int_as_of') }} as as_of
where sources.last_received_at < as_of.as_of
    - to_seconds({{ var('quality', {}).get('stale_after_seconds', 86400) }})
union all
select
    'used_on_unconnected_source' as check_name,
    'warning' as severity,
    event_name as subject,
    conversion || ' counts none of its messages for ' || vendor || ': all come from '
    || string_agg(distinct source, ', ' order by source)
    || ', not connected to it' as detail,
    count(distinct message_id) as finding_count
from deliveries
group by conversion, event_name, vendor
having bool_and(drop_reason is not distinct from 'source_not_connected')
union all
select
    'used_on_unconnected_source' as check_name,
    'warning' as severity,
    observed.trait as subject,
    'a trait that segments ask for comes only from '
    || string_agg(distinct observed.source, ', ' order by observed.source)
    || ', connected to no active destination' as detail,
    count(distinct observed.person_id) as finding_count
from {{ ref('int_observed_traits') }} as observed
inner join asked on observed.trait = asked.trait
inner join sources on observed.source = sources.source
group by observed.trait
having not bool_or(sources.is_connected)
