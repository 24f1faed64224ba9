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

    select vendor from {{ ref('stg_config__vendor_units') }}
    where unit_number = 0

),

destinations as (

    select * from {{ ref('stg_config__destinations') }}
    where '{{ var('statistics')['scope'] }}' <> 'all'

),

sources as (

    select * from {{ ref('stg_config__sources') }}

),

deliveries as (

    select
        vendors.vendor,
        conversions.*,
        destinations.vendor is not null as has_destination,
        destinations.is_active,
        destinations.is_named
        and not list_contains(sources.destinations, vendors.vendor) as is_unconnected,
        destinations.is_region_enforced
        and sources.region <> destinations.region as is_elsewhere,
        -- Preferences restrict once they are given.
        {{ json_kind('context', ['consent', 'categoryPreferences']) }} = 'OBJECT'
        and not list_bool_and(list_transform(
            destinations.consent_categories,
            lambda category: {{ is_true(
                'context',
                "'/consent/categoryPreferences' || " ~ json_pointer_to('category')
            ) }}
        )) as is_refused,
        -- A name that is absent follows All, which is on by default.
        case
            when list_bool_or(list_transform(
                    destinations.integration_names,
                    lambda name: json_type(integrations, '/' || name) is not null  -- noqa: LT05,RF02
                ))
                then list_bool_or(list_transform(
                        destinations.integration_names,
                        lambda name: {{ is_switched_on('integrations', "'/' || name") }}
                    ))
            when {{ json_kind('integrations', 'All') }} is not null
                then {{ is_switched_on('integrations', "'/All'") }}
            else true
        end as is_switched_on,
        list_contains(destinations.accepted_types, conversions.type) as is_accepted,
        destinations.counts_conversions
    from conversions
    cross join vendors
    left join destinations on vendors.vendor = destinations.vendor
    left join sources on conversions.source = sources.source

),

explained as (

    select
        *,
        -- The first reason counts. A vendor without a destination sees everything.
        case
            when not has_destination then null
            when not is_active then 'destination_inactive'
            when is_unconnected then 'source_not_connected'
            when is_elsewhere then 'region_mismatch'
            when is_refused then 'consent'
            when not is_switched_on then 'integrations_object'
            when not is_accepted then 'unsupported_type'
            when not counts_conversions then 'conversion_integration_off'
        end as drop_reason
    from deliveries

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
