-- One row per event that a built-in adapter knows and no entry of `exposures:` reads.
{%- set configured = var('exposures') | map(attribute='adapter') | list %}
select
    volumes.event_name,
    volumes.adapter,
    sum(volumes.messages)::bigint as messages
from {{ ref('int_message_volumes') }} as volumes
where volumes.is_behaviour
    and volumes.adapter is not null
    and volumes.adapter not in ({{ text_literals(configured) }})
    and not exists (
        select 1
        from {{ ref('int_exposure_messages') }} as exposures
        where exposures.event_name = volumes.event_name
    )
group by volumes.event_name, volumes.adapter
