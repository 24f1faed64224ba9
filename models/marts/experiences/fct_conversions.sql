-- One row per conversion.
select
    conversion,
    message_id,
    person_id,
    occurred_at as converted_at,
    (value_units / 10000)::decimal(18, 4) as value,
    currency,
    source
from {{ ref('int_conversions_recognised') }}
where not is_refund
qualify distinct_value is null
    or row_number() over (
        partition by conversion, distinct_value
        order by occurred_at, received_at, message_id
    ) = 1
