{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per file, profile (of a user or a group) and property: what the last call
-- that Mixpanel receives writes. A null is written too.
-- noqa: disable=RF03,LT02
with messages as (

    select
        *,
        case type
            when 'identify' then coalesce(user_id, anonymous_id)
            else {{ mixpanel_group_id('messages') }}
        end as profile_id,
        {{ json_scalar_text('messages.traits', 'firstName') }} as first_name,
        {{ json_scalar_text('messages.traits', 'lastName') }} as last_name
    from {{ ref('stg_segment__messages') }} as messages
    where traits <> '{}' and (
        type = 'group'
        or (type = 'identify' and {{ var('mixpanel')['sends_people'] }})
    )
    {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

deliveries as (

    select * from {{ ref('int_mixpanel_deliveries') }}
    where drop_reason is null
    {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

received as (

    select messages.*
    from messages
    inner join deliveries
        on messages.file_id = deliveries.file_id
        and messages.row_number = deliveries.row_number
    where messages.profile_id is not null

),

traits as (

    select
        * exclude (traits),
        unnest(map_entries({{ json_map(json_sorted('traits')) }})) as trait
    from received

),

written as (

    select
        traits.*,
        coalesce(names.property, traits.trait.key) as property,
        coalesce(names.place, 9) as place,
        traits.trait.value::varchar as value
    from traits
    left join (
        values
        ('name', '$name', 1, true),
        ('created', '$created', 1, true),
        ('createdAt', '$created', 2, true),
        ('created_at', '$created', 3, true),
        ('email', '$email', 1, false),
        ('firstName', '$first_name', 1, false),
        ('lastName', '$last_name', 1, false),
        ('username', '$username', 1, false),
        ('phone', '$phone', 1, false)
    ) as names (trait, property, place, is_of_groups)
        on traits.trait.key = names.trait
            and (traits.type = 'identify' or names.is_of_groups)
    union all
    select
        * exclude (traits),
        null as trait,
        '$name' as property,
        2 as place,
        to_json(first_name || ' ' || last_name)::varchar as value
    from received
    where first_name <> '' and last_name <> ''

)

select
    file_id,
    type,
    profile_id,
    property,
    coalesce(value, 'null') as value,
    occurred_at,
    received_at,
    message_id
from written
qualify row_number() over (
        partition by file_id, type, profile_id, property
        order by
            occurred_at desc, received_at desc, message_id desc,
            value is null asc, place asc
    ) = 1
