{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per file, event name, property and JSON type that it has there; nulls have
-- none. Messages are grouped by the shape of their properties before it is taken apart:
-- shapes are few.
with messages as (

    select
        messages.file_id,
        {{ event_or_page_name('messages') }} as event_name,
        {{ json_shape('messages.properties') }} as shape,
        messages.occurred_at
    from {{ ref('stg_segment__messages') }} as messages
    where messages.properties <> '{}'
    {% if is_incremental() %}
        and messages.file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

shapes as (

    select
        file_id,
        event_name,
        shape,
        count(*) as messages,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at
    from messages
    group by file_id, event_name, shape

),

members as (

    select
        *,
        unnest(json_keys(shape)) as property
    from shapes

),

kinds as (

    select
        *,
        case
            when json_type(shape, {{ json_pointer_to('property') }}) = 'VARCHAR'
                then shape ->> ({{ json_pointer_to('property') }})
            else json_type(shape, {{ json_pointer_to('property') }})
        end as kind
    from members

),

typed as (

    select
        *,
        case kind
            -- An object without keys.
            when 'JSON' then 'object'
            else {{ json_type_name('kind') }}
        end as value_type
    from kinds

)

select
    file_id,
    event_name,
    property,
    value_type,
    sum(messages)::bigint as messages,
    min(first_occurred_at) as first_occurred_at,
    max(last_occurred_at) as last_occurred_at
from typed
where value_type <> 'null'
group by file_id, event_name, property, value_type
