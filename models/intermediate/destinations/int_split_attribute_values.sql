{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per identify or group call, trait and attribute that Split would make of it,
-- if Split is set up; without a value the call removes the attribute.
with messages as (

    select
        file_id,
        row_number,
        traits
    from {{ ref('stg_segment__messages') }}
    where type in ('identify', 'group') and traits <> '{}'
    {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

destinations as (

    select * from {{ source('raw', 'config_destinations') }}
    where vendor = 'split' and is_named

),

traits as (

    select
        messages.file_id,
        messages.row_number,
        members.key as trait,
        members.value::varchar as value,
        members.type as kind
    from messages
    cross join destinations
    cross join lateral json_each(messages.traits) as members
    -- It names traffic types.
    where members.key <> 'split'

),

attributes as (

    select
        file_id,
        row_number,
        trait,
        trait as attribute,
        value,
        kind
    from traits
    union all
    select
        traits.file_id,
        traits.row_number,
        traits.trait,
        traits.trait || '.' || members.key as attribute,
        members.value::varchar as value,
        members.type as kind
    from traits
    cross join lateral json_each(traits.value) as members
    where traits.kind = 'OBJECT' and {{ var('split')['flatten_traits'] }}

),

written as (

    select
        file_id,
        row_number,
        trait,
        attribute,
        case kind
            when 'NULL' then null
            when 'VARCHAR' then {{ json_whole_text('value') }}
            else {{ json_comparable('value', 'kind') }}
        end as value
    from attributes

)

select
    file_id,
    row_number,
    trait,
    attribute,
    left(value, 255) as value,
    coalesce(length(value) > 255, false) as is_truncated
from written
