-- One row per message.
with messages as (

    select * from {{ ref('stg_segment__messages') }}

),

message_persons as (

    select * from {{ ref('int_message_persons') }}

),

files as (

    select * from {{ source('raw', 'files') }}

)

select
    messages.message_id,
    messages.source,
    messages.type,
    {{ event_or_page_name('messages') }} as event_name,
    messages.original_event_name,
    messages.name,
    messages.channel,
    messages.anonymous_id,
    messages.user_id,
    messages.group_id,
    message_persons.person_id,
    messages.occurred_at,
    messages.received_at,
    messages.timestamp_quality,
    messages.is_excluded,
    messages.is_behaviour,
    {{ json_text('messages.context', ['page', 'url']) }} as page_url,
    {{ as_json('messages.properties') }} as properties,
    {{ as_json('messages.traits') }} as traits,
    {{ as_json('messages.context') }} as context,
    {{ as_json('messages.integrations') }} as integrations,
    case
        when abmatic.file_id is not null
            then coalesce(abmatic.drop_reason, 'delivered')
    end as abmatic_delivery,
    case
        when mixpanel.file_id is not null
            then coalesce(mixpanel.drop_reason, 'delivered')
    end as mixpanel_delivery,
    case
        when mutiny.file_id is not null
            then coalesce(mutiny.drop_reason, 'delivered')
    end as mutiny_delivery,
    case
        when split.file_id is not null
            then coalesce(split.drop_reason, 'delivered')
    end as split_delivery,
    files.path as file,
    messages.row_number
from messages
inner join files on messages.file_id = files.file_id
left join message_persons on messages.message_id = message_persons.message_id
left join {{ ref('int_abmatic_deliveries') }} as abmatic
    on messages.file_id = abmatic.file_id and messages.row_number = abmatic.row_number
left join {{ ref('int_mixpanel_deliveries') }} as mixpanel
    on messages.file_id = mixpanel.file_id and messages.row_number = mixpanel.row_number
left join {{ ref('int_mutiny_deliveries') }} as mutiny
    on messages.file_id = mutiny.file_id and messages.row_number = mutiny.row_number
left join {{ ref('int_split_deliveries') }} as split
    on messages.file_id = split.file_id and messages.row_number = split.row_number
