-- One row per message and kind: what flows to Abmatic, and nothing else. Neither the
-- user id nor a trait does.
with deliveries as (

    select * from {{ ref('int_abmatic_deliveries') }}
    where drop_reason is null

),

calls as (

    select * from {{ ref('int_abmatic_calls') }}

)

select
    calls.message_id,
    calls.kind,
    case
        when calls.type in ('page', 'screen') then calls.name
        else calls.original_event_name
    end as event,
    {{ as_json(json_received('calls.properties')) }} as properties,
    calls.occurred_at,
    calls.anonymous_id,
    {{ json_text('calls.context', ['page', 'url']) }} as page_url
from calls
inner join deliveries on calls.message_id = deliveries.message_id
