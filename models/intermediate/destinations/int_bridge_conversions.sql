-- One row per vendor that is set up, way of counting of its bridge, conversion or
-- refund that counts so, and unit that it may be of. Ways of counting: all copies; each
-- message; those the vendor received; those of somebody; and without excluded messages,
-- in our scope (counted) or what the vendor received (own).
with

rules as (

    select vendor, counting, unit_kind from {{ ref('int_bridge_rules') }}
    group by all

),

messages as (

    select * from {{ ref('int_conversion_messages') }}
    where exists (select 1 from rules)

),

destinations as (select * from {{ source('raw', 'config_destinations') }}),

sources as (select * from {{ source('raw', 'config_sources') }}),

persons as (select * from {{ ref('int_message_persons') }}),

vendor_units as (select * from {{ source('raw', 'config_vendor_units') }}),

vendors as (select vendor from rules group by all),

known as (

    select
        vendors.vendor,
        messages.conversion,
        messages.message_id,
        messages.occurred_at,
        messages.received_at,
        messages.is_refund,
        messages.value_units,
        messages.currency,
        messages.distinct_value,
        coalesce(messages.is_excluded, false) as is_excluded,
        messages.anonymous_id,
        messages.user_id,
        persons.person_id,
        persons.user_id_unit,
        persons.anonymous_id_unit,
        persons.account_unit,
        1 + coalesce(copies.copies, 0) as copies,
        {{ drop_reason('messages') }} is null as is_received
    from messages
    cross join vendors
    inner join destinations on vendors.vendor = destinations.vendor
    left join sources on messages.source = sources.source
    left join persons on messages.message_id = persons.message_id
    left join {{ ref('stg_segment__copies') }} as copies
        on messages.message_id = copies.message_id

),

counted as (

    select
        known.* exclude (copies),
        rules.counting,
        rules.unit_kind,
        case when rules.counting = 'copies' then known.copies else 1 end as copies
    from known
    inner join rules
        on known.vendor = rules.vendor
        and (
            known.is_received
            or rules.counting in ('copies', 'messages')
            or ('{{ var('statistics')['scope'] }}' = 'all' and rules.counting <> 'own')
        )
        and (
            rules.counting in ('copies', 'messages', 'received')
            or known.person_id is not null
            or (rules.counting = 'resolved' and known.is_excluded)
        )
        and (not known.is_excluded or rules.counting not in ('counted', 'own'))
    qualify
        rules.counting = 'copies' or known.is_refund or row_number() over (
            partition by
                known.vendor, rules.counting, rules.unit_kind, known.conversion,
                known.is_refund, {{ collapsing_value() }}
            order by {{ message_order('known') }}
        ) = 1

)

select
    counted.vendor,
    counted.counting,
    counted.unit_kind,
    vendor_units.unit_type,
    case counted.unit_kind
        when 'device' then {{ device_id('counted') }}
        when 'person' then counted.person_id
        else {{ unit_or_device('counted', 'counted', 'vendor_units') }}
    end as unit_id,
    counted.person_id,
    counted.conversion,
    counted.message_id,
    counted.occurred_at,
    counted.is_refund,
    counted.value_units,
    counted.currency,
    counted.copies
from counted
inner join vendor_units
    on counted.vendor = vendor_units.vendor
    -- Types of units are a matter of persons' configured units.
    and (
        vendor_units.unit_number = 0
        or (counted.unit_kind = 'configured' and counted.person_id is not null)
    )
