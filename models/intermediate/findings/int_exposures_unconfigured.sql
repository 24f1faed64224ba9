-- One row per event that a built-in adapter knows and no entry of `exposures:` reads.
select
    volumes.event_name,
    volumes.adapter,
    sum(volumes.messages)::bigint as messages
from {{ ref('int_message_volumes') }} as volumes
where volumes.is_behaviour
    and volumes.adapter is not null
    and not exists (
        select 1
        from {{ source('raw', 'config_exposure_entries') }} as entries
        where entries.adapter = volumes.adapter
    )
    and not exists (
        select 1
        from {{ ref('int_exposure_messages') }} as exposures
        where exposures.event_name = volumes.event_name
            and exposures.is_excluded is not true
    )
group by volumes.event_name, volumes.adapter
