-- One row per message.
with messages as (

    select
        *,
        {{ mutiny_visitor_id() }} as mutiny_visitor_id,
        {{ merging_email() }} as email,
        {{ alias_previous_id() }} as alias_previous_id
    from {{ ref('stg_segment__messages') }}

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
    {{ person_id(with_aliases=true) }} as person_id,
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
    files.path as file,
    messages.row_number
from messages
inner join {{ source('raw', 'files') }} as files on messages.file_id = files.file_id
{{ person_joins('messages', with_aliases=true) }}
