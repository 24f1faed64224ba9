-- One row per traffic type, key and attribute that Split holds: the last that an
-- identify or group call wrote, unless that removed it.
with deliveries as (

    select * from {{ ref('int_split_deliveries') }}
    where drop_reason is null and type in ('identify', 'group')

),

attribute_values as (

    select * from {{ ref('int_split_attribute_values') }}

),

keyed as (

    select
        * exclude (keys),
        unnest(keys) as each
    from deliveries

),

latest as (

    select
        keyed.each.traffic_type,
        keyed.each.key,
        attribute_values.attribute,
        attribute_values.value,
        attribute_values.is_truncated,
        keyed.occurred_at,
        keyed.message_id
    from keyed
    inner join attribute_values
        on keyed.file_id = attribute_values.file_id
        and keyed.row_number = attribute_values.row_number
    qualify
        row_number() over (
            partition by
                keyed.each.traffic_type, keyed.each.key, attribute_values.attribute
            order by
                keyed.occurred_at desc,
                keyed.received_at desc,
                keyed.message_id desc,
                -- What a call names outright wins over what it nests.
                attribute_values.trait = attribute_values.attribute desc,
                attribute_values.trait asc
        ) = 1

)

select
    traffic_type,
    key,
    attribute,
    value,
    is_truncated,
    occurred_at as updated_at,
    message_id
from latest
where value is not null
