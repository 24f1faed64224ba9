{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per file, event name and property whose text looks like an email address or a
-- telephone number. Looking for the marks first spares most messages the parser.
with messages as (

    select
        messages.file_id,
        {{ event_or_page_name('messages') }} as event_name,
        messages.properties,
        unnest(json_keys(messages.properties)) as property
    from {{ ref('stg_segment__messages') }} as messages
    where (contains(messages.properties, '@') or contains(messages.properties, '"+'))
    {% if is_incremental() %}
        and messages.file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

texts as (

    select
        file_id,
        event_name,
        property,
        properties ->> ({{ json_pointer_to('property') }}) as value
    from messages

)

select
    file_id,
    event_name,
    property,
    case
        when contains(value, '@') then 'an email address' else 'a telephone number'
    end as kind,
    count(*) as messages
from texts
where regexp_matches(
        value, '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}'
    )
    or regexp_full_match(value, '\+[1-9][0-9 ()-]{6,17}[0-9]')
group by all
