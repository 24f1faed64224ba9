{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files',
    on_schema_change='fail'
) }}
-- One row per message, if Split is set up: why Split does not receive it, null if it
-- does; the keys that it is of, and the event that Split makes of it.
with messages as (

    select * from {{ ref('stg_segment__messages') }}
    {% if is_incremental() %}
    where file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

destinations as (

    select * from {{ source('raw', 'config_destinations') }}
    where vendor = 'split' and is_named

),

sources as (

    select * from {{ source('raw', 'config_sources') }}

),

designations as (

    select * from {{ ref('int_split_designations') }}

),

calls as (

    select
        messages.* exclude (event_name),
        {{ event_or_page_name('messages') }} as event_name,
        {{ drop_reason('messages') }} as connection_reason,
        messages.type in ('track', 'page', 'screen') as is_event,
        list_distinct(list_filter(case
            -- A group is what it designates, else its groupId.
            when messages.type <> 'group'
                then list_concat(
                        [
                            struct_pack(
                                traffic_type := {{ var('split')['user_id_type'] }},
                                key := messages.user_id
                            ),
                            struct_pack(
                                traffic_type := {{ var('split')['anonymous_id_type'] }},
                                key := messages.anonymous_id
                            )
                        ],
                        coalesce(designations.keys, [])
                    )
            else coalesce(designations.keys, [
                    struct_pack(
                        traffic_type := {{ var('split')['account_type'] }},
                        key := nullif(messages.group_id, '')
                    )
                ])
        end, lambda each: each.traffic_type is not null and each.key is not null))
            as keys,
        replace(nullif(case messages.type
            when 'track' then {{ var('split')['event_type_id'] }}
            when 'page' then {{ var('split')['page_name'] }}
            when 'screen' then {{ var('split')['screen_name'] }}
        end, ''), ' ', '_') as event_type_id
    from messages
    cross join destinations
    left join sources on messages.source = sources.source
    left join designations
        on messages.file_id = designations.file_id
        and messages.row_number = designations.row_number

),

reasoned as (

    select
        *,
        coalesce(connection_reason, case
            when type in ({{ var('split')['disabled_types'] }}) then 'call_disabled'
            when
                type in ('page', 'screen') and coalesce(name, '') = ''
                then 'unnamed_page'
            when array_length(keys) = 0 then 'traffic_type_missing'
            when not is_event and {{ json_received('traits', ['split']) }} = '{}'
                then 'nothing_to_send'
            when is_event and event_type_id is null then 'event_type_id_missing'
            when is_event
                and not regexp_full_match(
                    event_type_id, '[A-Za-z0-9][-_.A-Za-z0-9]{0,79}'
                )
                then 'event_type_id_invalid'
        end) as drop_reason
    from calls

)

select
    file_id,
    row_number,
    message_id,
    source,
    type,
    event_name,
    occurred_at,
    received_at,
    drop_reason,
    case when drop_reason is null then keys end as keys,
    case when drop_reason is null then event_type_id end as event_type_id,
    case when drop_reason is null and type = 'track'
            then coalesce({{ var('split')['value'] }}, case
                    when regexp_full_match(
                            {{ var('split')['value_text'] }},
                            '[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?'
                        )
                        and isfinite(
                            try_cast({{ var('split')['value_text'] }} as double)
                        )
                        then try_cast({{ var('split')['value_text'] }} as double)
                end)
    end as value,
    case when drop_reason is null and is_event
            then {{ as_json(json_received('properties', ['split'])) }}
    end as properties
from reasoned
