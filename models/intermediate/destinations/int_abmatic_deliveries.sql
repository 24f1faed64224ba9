{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per message, if Abmatic is set up: why Abmatic does not receive it;
-- null if it does.
with messages as (

    select * from {{ ref('stg_segment__messages') }}
    {% if is_incremental() %}
    where file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

destinations as (

    select * from {{ source('raw', 'config_destinations') }}
    where vendor = 'abmatic' and is_named

),

sources as (

    select * from {{ source('raw', 'config_sources') }}

),

configured as (

    select message_id
    from {{ ref('int_abmatic_calls') }}
    {% if is_incremental() %}
    where file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}
    group by message_id

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
        case when configured.message_id is null then 'not_configured' end
    ) as drop_reason
from messages
cross join destinations
left join sources on messages.source = sources.source
left join configured
    on messages.message_id = configured.message_id
