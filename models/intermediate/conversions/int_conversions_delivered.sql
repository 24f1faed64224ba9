{{ config(
    materialized='incremental',
    unique_key='distinct_key',
    affected='int_affected_conversion_keys',
) }}
-- One row per conversion or refund, message and vendor: the units it carries, why the
-- vendor's destination did not receive it, and whether the vendor counts it.
with conversions as (

    select *
    from {{ ref('int_resolved_conversions') }}
    {% if is_incremental() %}
    where distinct_key in (
        select distinct_key from {{ ref('int_affected_conversion_keys') }}
    )
    {% endif %}

),

vendors as (

    select vendor from {{ source('raw', 'config_vendor_units') }}
    where unit_number = 0

),

destinations as (

    select * from {{ source('raw', 'config_destinations') }}
    where '{{ var('statistics')['scope'] }}' <> 'all'

),

sources as (

    select * from {{ source('raw', 'config_sources') }}

),

explained as (

    -- A vendor without a destination sees everything.
    select
        vendors.vendor,
        conversions.*,
        {{ drop_reason('conversions') }} as drop_reason
    from conversions
    cross join vendors
    left join destinations on vendors.vendor = destinations.vendor
    left join sources on conversions.source = sources.source

)

select
    vendor,
    conversion,
    message_id,
    person_id,
    user_id_unit,
    anonymous_id_unit,
    account_unit,
    occurred_at,
    received_at,
    is_refund,
    value_units,
    currency,
    distinct_key,
    is_first,
    drop_reason,
    -- The first that the vendor received of a value; without one none collapses.
    drop_reason is null and (
        is_refund or row_number() over (
            partition by vendor, conversion, is_refund, {{ collapsing_value() }}
            order by drop_reason is not null, {{ message_order() }}
        ) = 1
    ) as is_counted,
    bool_or(drop_reason is null) over (
        partition by vendor, conversion, is_refund, {{ collapsing_value() }}
    ) as is_value_counted
from explained
