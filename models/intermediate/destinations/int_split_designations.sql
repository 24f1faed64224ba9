{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per message whose `properties.split`, or `traits.split` of a group call,
-- names a traffic type and a key, if Split is set up: the keys, and the types that
-- Split does not know.
with messages as (

    select
        file_id,
        row_number,
        case type when 'group' then traits else properties end as fields
    from {{ ref('stg_segment__messages') }}
    where type in ('track', 'page', 'screen', 'group')
    {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

destinations as (

    select * from {{ source('raw', 'config_destinations') }}
    where vendor = 'split' and is_named

),

written as (

    select
        messages.file_id,
        messages.row_number,
        -- One object, or a list of them.
        case {{ json_kind('messages.fields', 'split') }}
            when 'OBJECT' then '[' || {{ json_text('messages.fields', 'split') }} || ']'
            when 'ARRAY' then {{ json_text('messages.fields', 'split') }}
            else '[]'
        end as objects
    from messages
    cross join destinations
    -- Looking for the word first spares most messages the parser; a key may also be
    -- written in escapes.
    where contains(messages.fields, '"split"') or contains(messages.fields, '\u')

),

objects as (

    select
        written.file_id,
        written.row_number,
        members.value as object
    from written
    cross join lateral json_each(written.objects) as members
    where members.type = 'OBJECT'

),

named as (

    select
        objects.file_id,
        objects.row_number,
        members.key as traffic_type,
        case
            when members.type = 'VARCHAR'
                then nullif({{ json_whole_text('members.value') }}, '')
            when members.type in ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE')
                then {{ json_comparable('members.value::varchar', 'members.type') }}
        end as key
    from objects
    cross join lateral json_each(objects.object) as members

),

known as (

    select
        *,
        coalesce(traffic_type in (
            {{ var('split')['user_id_type'] }},
            {{ var('split')['anonymous_id_type'] }},
            {{ var('split')['account_type'] }}
        ), false) as is_known
    from named
    where key is not null

)

select
    file_id,
    row_number,
    list(
        struct_pack(traffic_type := traffic_type, key := key) order by traffic_type, key
    ) filter (where is_known) as keys,
    list(traffic_type order by traffic_type, key) filter (where not is_known)
        as unknown_types
from known
group by file_id, row_number
