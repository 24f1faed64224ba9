{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per message, if Mixpanel is set up: why Mixpanel does not receive it;
-- null if it does.
with messages as (

    select
        *,
        {{ mixpanel_preset_event() }} as preset_event
    from {{ ref('stg_segment__messages') }}
    {% if is_incremental() %}
    where file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

destinations as (

    select * from {{ source('raw', 'config_destinations') }}
    where vendor = 'mixpanel' and is_named

),

sources as (

    select * from {{ source('raw', 'config_sources') }}

),

mapped as (

    -- An event without a name is not sent.
    select
        matches.message_id,
        bool_or(matches.mapped_event is not null) as makes_event,
        bool_or(mappings.action = 'alias') as makes_alias
    from {{ ref('int_trigger_matches') }} as matches
    inner join {{ source('raw', 'config_mixpanel_mappings') }} as mappings
        on matches.trigger_number = mappings.trigger_number
    {% if is_incremental() %}
    where matches.file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}
    group by matches.message_id

)

select
    messages.file_id,
    messages.row_number,
    messages.message_id,
    messages.source,
    messages.type,
    {{ event_or_page_name('messages') }} as event_name,
    messages.occurred_at,
    messages.received_at,
    coalesce(
        {{ drop_reason('messages') }},
        case
            when mapped.makes_event or messages.preset_event is not null then null
            when messages.type in ('track', 'page', 'screen')
                then 'event_name_missing'
            when messages.type = 'alias' and not coalesce(mapped.makes_alias, false)
                then 'no_trigger_match'
            when messages.type = 'group' and messages.traits = '{}'
                then 'traits_missing'
            when messages.type = 'group' and {{ mixpanel_group_id('messages') }} is null
                then 'nothing_to_send'
            when messages.type = 'alias'
                and coalesce(messages.user_id, messages.anonymous_id) is null
                then 'nothing_to_send'
            when messages.type = 'alias' and nullif(messages.previous_id, '') is null
                then 'nothing_to_send'
            when messages.type = 'identify'
                and (messages.user_id is null or messages.anonymous_id is null)
                and (
                    messages.traits = '{}' or not {{ var('mixpanel')['sends_people'] }}
                )
                then 'nothing_to_send'
        end
    ) as drop_reason
from messages
cross join destinations
left join sources on messages.source = sources.source
left join mapped on messages.message_id = mapped.message_id
