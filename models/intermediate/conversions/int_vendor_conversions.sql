{{ config(materialized='view') }}
-- One row per conversion or refund, message and vendor that counts it: received by the
-- vendor, and the first it received of its distinct_by value.
select
    deliveries.vendor,
    deliveries.conversion,
    deliveries.message_id,
    deliveries.person_id,
    deliveries.user_id_unit,
    deliveries.anonymous_id_unit,
    deliveries.account_unit,
    deliveries.occurred_at,
    deliveries.is_refund,
    deliveries.value_units,
    deliveries.currency,
    conversions.window_seconds
from {{ ref('int_conversions_delivered') }} as deliveries
inner join {{ source('raw', 'config_conversions') }} as conversions
    on deliveries.conversion = conversions.conversion
where deliveries.is_counted
