-- One row per conversion.
select
    conversion,
    message_id,
    person_id,
    occurred_at as converted_at,
    received_at,
    (value_units / 10000)::decimal(18, 4) as value,
    currency,
    source
from {{ ref('int_resolved_conversions') }}
where is_first and not is_refund
