-- One row per event table of a data lake whose messages do not carry their own name.
{{ config(materialized='table') }}
with messages as (

    select
        event,
        event_table
    from {{ source('raw', 'messages') }}
    where reject_reason is null and not is_duplicate

),

event_tables as (

    select
        event_table,
        count(*) as message_count
    from messages
    where event_table is not null
    group by event_table

),

names_seen as (

    -- Few warehouses hold such tables; the others are spared the look at every name.
    select
        {{ snake_case('event') }} as snake_name,
        min(event) as event
    from messages
    where event is not null and exists (select 1 from event_tables)
    group by snake_name

),

-- A report calls the table `track_order_completed`, a path `order_completed`.
spellings as (

    select
        event_table,
        message_count,
        {{ snake_case('event_table') }} as whole,
        regexp_replace({{ snake_case('event_table') }}, '^track_', '') as shortened
    from event_tables

)

select
    spellings.event_table,
    coalesce(
        configured.event_name,
        configured_shortened.event_name,
        seen.event,
        seen_shortened.event
    ) as event,
    spellings.message_count
from spellings
left join {{ source('raw', 'config_event_spellings') }} as configured
    on spellings.whole = configured.snake_name
left join {{ source('raw', 'config_event_spellings') }} as configured_shortened
    on spellings.shortened = configured_shortened.snake_name
left join names_seen as seen on spellings.whole = seen.snake_name
left join names_seen as seen_shortened
    on spellings.shortened = seen_shortened.snake_name
