{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per message that Mixpanel receives and that tells of two ids of one user: an
-- identify call or an alias; and per file and device the first other call with both.
with messages as (

    select * from {{ ref('stg_segment__messages') }}
    {% if is_incremental() %}
    where file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

deliveries as (

    select * from {{ ref('int_mixpanel_deliveries') }}
    where drop_reason is null
    {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

aliases as (

    select matches.message_id
    from {{ ref('int_trigger_matches') }} as matches
    inner join {{ source('raw', 'config_mixpanel_mappings') }} as mappings
        on matches.trigger_number = mappings.trigger_number
    where mappings.action = 'alias'
    group by matches.message_id

),

told as (

    select
        messages.file_id,
        messages.message_id,
        case
            when messages.type in ('identify', 'alias') then messages.type else 'event'
        end as kind,
        case messages.type
            when 'alias' then coalesce(messages.user_id, messages.anonymous_id)
            else messages.user_id
        end as identified_id,
        case messages.type
            when 'alias' then nullif(messages.previous_id, '')
            else messages.anonymous_id
        end as anonymous_id,
        messages.occurred_at,
        messages.received_at
    from messages
    inner join deliveries
        on messages.file_id = deliveries.file_id
        and messages.row_number = deliveries.row_number
    left join aliases on messages.message_id = aliases.message_id
    where messages.type <> 'alias' or aliases.message_id is not null

)

select *
from told
where identified_id is not null and anonymous_id is not null
qualify
    kind <> 'event'
    or row_number() over (
        partition by file_id, kind, anonymous_id
        order by occurred_at, received_at, message_id
    ) = 1
