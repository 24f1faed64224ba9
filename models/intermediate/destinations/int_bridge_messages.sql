{{ config(materialized='view') }}
-- One row per vendor that is set up, complete view of it, excluded or not, and period:
-- what it shows, whose it is, and what decides whether it counts.
with

rules as (

    select vendor from {{ ref('int_bridge_rules') }}
    group by all

),

messages as (

    select * from {{ ref('int_exposure_messages') }}
    where is_expected_source
        and incomplete_reason is null
        and vendor in (select rules.vendor from rules)

),

deliveries as (

    -- Abmatic knows of the views that it was sent; the others show their own.
    select * from {{ ref('int_abmatic_deliveries') }}
    where drop_reason is null

),

persons as (select * from {{ ref('int_message_persons') }}),

vendor_units as (select * from {{ source('raw', 'config_vendor_units') }}),

periods as (select * from {{ source('raw', 'config_periods') }}),

views as (

    select
        messages.vendor,
        messages.message_id,
        messages.experience,
        coalesce(aliases.canonical_name, messages.audience_segment) as audience_segment,
        messages.variant,
        messages.arm as sent_arm,
        messages.occurred_at,
        {{ message_order('messages') }} as view,
        coalesce(messages.is_excluded, false) as is_excluded,
        messages.vendor <> 'abmatic' or deliveries.message_id is not null
            as is_received,
        persons.person_id,
        {{ device_id('messages') }} as device_id,
        vendor_units.unit_type,
        {{ unit_or_device('messages', 'persons', 'vendor_units') }} as unit_id
    from messages
    inner join vendor_units
        on messages.vendor = vendor_units.vendor
        and messages.unit_type = vendor_units.unit_type
    left join deliveries
        on messages.message_id = deliveries.message_id
        and messages.vendor = 'abmatic'
    left join persons on messages.message_id = persons.message_id
    left join {{ source('raw', 'config_segment_aliases') }} as aliases
        on messages.audience_segment = aliases.audience_segment
    -- As in int_resolved_exposures.
    qualify
        row_number() over (
            partition by messages.vendor, messages.message_id
            order by unit_id is null, messages.entry
        ) = 1

)

select
    views.*,
    periods.from_date as period,
    periods.from_date is not null
    or views.experience not in (select each.experience from periods as each)
        as is_in_period
from views
left join periods
    on views.experience = periods.experience
    and views.occurred_at >= periods.from_date
    and (periods.to_date is null or views.occurred_at < periods.to_date)
