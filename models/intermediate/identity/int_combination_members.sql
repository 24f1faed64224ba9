{{ config(
    materialized='incremental',
    unique_key='combination_key',
    affected='int_affected_combinations',
    delta=true,
) }}
-- One row per identifier combination and identifier in it that may identify.
with all_sets as (

    select * from {{ ref('int_identifier_combinations') }} where message_count > 0

),

sets as (

    select *
    from all_sets
    {% if is_incremental() %}
    where combination_key in (
        select combination_key from {{ ref('int_affected_combinations') }}
    )
    {% endif %}

),

written as (

    {% for column in ['user_id', 'anonymous_id', 'mutiny_visitor_id', 'email'] -%}
    select
        combination_key,
        '{{ column }}' as id_type,
        {{ usable_identifier(column) }} as id_value
    from sets
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Known as an anonymousId and never as a userId: the alias is a login on that device.
anonymous_ids as (

    select {{ usable_identifier('anonymous_id') }} as id_value
    from all_sets
    where anonymous_id in (select sets.previous_id from sets)
    group by id_value

),

user_ids as (

    select {{ usable_identifier('user_id') }} as id_value
    from all_sets
    where user_id in (select sets.previous_id from sets)
    group by id_value

),

previous_ids as (

    select
        sets.combination_key,
        case
            when anonymous_ids.id_value is not null and user_ids.id_value is null
                then 'anonymous_id'
            else 'user_id'
        end as id_type,
        {{ usable_identifier('sets.previous_id') }} as id_value
    from sets
    left join anonymous_ids on sets.previous_id = anonymous_ids.id_value
    left join user_ids on sets.previous_id = user_ids.id_value
    where sets.previous_id is not null

),

members as (

    select * from written
    union
    select * from previous_ids

)

select
    combination_key,
    {{ identifier_key('id_type', 'id_value') }} as identifier_key,
    id_type,
    id_value,
    id_type in ('user_id', 'email') as is_strong
from members
where id_value is not null
