-- One row per message `get_treatment`: the impressions that Split, as a source, sent.
with files as (

    -- The files that hold any: without Split no message is read.
    select file_id
    from {{ ref('int_message_volumes') }}
    where adapter = 'split'
    group by file_id

),

messages as (

    select * from {{ ref('stg_segment__tracks') }}
    where event_name = 'get_treatment' and file_id in (select files.file_id from files)

),

sources as (

    select * from {{ source('raw', 'config_sources') }}

),

impressions as (

    select
        messages.message_id,
        {{ name_text('messages.properties', 'split') }} as split,
        {{ name_text('messages.properties', 'treatment') }} as treatment,
        {{ name_text('messages.properties', 'environmentName') }} as environment,
        {{ name_text('messages.properties', 'label') }} as label,
        case
            when messages.user_id is not null then {{ var('split')['user_id_type'] }}
            else {{ var('split')['anonymous_id_type'] }}
        end as traffic_type,
        coalesce(messages.user_id, messages.anonymous_id) as key,
        messages.occurred_at,
        sources.environment as source_environment
    from messages
    left join sources on messages.source = sources.source

)

select
    message_id,
    split,
    treatment,
    environment,
    label,
    traffic_type,
    key,
    occurred_at,
    case
        when environment <> source_environment then 'wrong_environment'
        -- The SDK was not ready.
        when treatment = 'control' then 'control_treatment'
        when split is null or treatment is null then 'incomplete'
    end as excluded_reason
from impressions
