-- One row per conversion or refund, message and vendor that counts it: received by the
-- vendor, and the first it received of its distinct_by value.
{%- set vendors = var('exposures') | map(attribute='vendor') | unique | list %}
with deliveries as (

    {% for vendor in vendors -%}
    select
        {{ text_literal(vendor) }} as vendor,
        * exclude (context, integrations),
        {{ drop_reason(vendor) }} as drop_reason
    from {{ ref('int_conversions_recognised') }}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        null::varchar as vendor,
        * exclude (context, integrations),
        null::varchar as drop_reason
    from {{ ref('int_conversions_recognised') }}
    where false
    {% endfor %}
)

select
    deliveries.vendor,
    deliveries.conversion,
    deliveries.message_id,
    deliveries.person_id,
    deliveries.occurred_at,
    deliveries.received_at,
    deliveries.is_refund,
    deliveries.value_units,
    deliveries.currency,
    conversions.window_seconds
from deliveries
inner join {{ ref('int_conversions_configured') }} as conversions
    on deliveries.conversion = conversions.conversion
where deliveries.drop_reason is null
qualify deliveries.distinct_value is null
    or deliveries.is_refund
    or row_number() over (
        partition by
            deliveries.vendor, deliveries.conversion, deliveries.distinct_value,
            deliveries.is_refund
        order by deliveries.occurred_at, deliveries.received_at, deliveries.message_id
    ) = 1
