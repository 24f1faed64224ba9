-- One row per finding about the sources of lift.yml: silent, or not connected.
with sources as (

    {% for key, configured in var('sources').items() -%}
    select
        {{ text_literal(key) }} as source,
        {{ configured.get('kind') == 'website' }}
        and {{ is_connected_source(text_literal(key)) }} as is_connected_website
    union all
    {% endfor -%}
    select null::varchar as source, null::boolean as is_connected_website
    where false

),

volumes as (

    select
        source,
        max(last_received_at) as last_received_at
    from {{ ref('int_message_volumes') }}
    group by source

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

    {% for trait in segment_predicates(['trait']) | map(attribute='name') | unique -%}
    select {{ text_literal(trait) }} as trait
    union all
    {% endfor -%}
    select null::varchar as trait
    where false

)

select
    'no_events' as check_name,
    case when is_connected_website then 'error' else 'warning' end as severity,
    source as subject,
    'a source of lift.yml that no message has come from' as detail,
    1 as finding_count
from sources
where source not in (select volumes.source from volumes)
union all
select
    'stale_source' as check_name,
    'warning' as severity,
    volumes.source as subject,
    'nothing received since ' || strftime(volumes.last_received_at, '%Y-%m-%d %H:%M')
    || ', longer than quality.stale_after' as detail,
    1 as finding_count
from volumes
cross join {{ ref('int_as_of') }} as as_of
where volumes.last_received_at < as_of.as_of
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
    told.trait as subject,
    'a trait that segments ask for comes only from '
    || string_agg(distinct told.source, ', ' order by told.source)
    || ', connected to no active destination' as detail,
    count(distinct told.person_id) as finding_count
from {{ ref('int_observed_traits') }} as told
inner join asked on told.trait = asked.trait
group by told.trait
having not bool_or({{ is_connected_source('told.source') }})
