{{ config(
    materialized='incremental',
    unique_key='unit_id',
    affected='int_affected_units',
) }}
-- One row per assignment interval, conversion and day on which the unit converted
-- inside its window, or was refunded: that changes its value and no count.
select
    vendor,
    experience,
    audience_segment,
    period,
    unit_id,
    variant,
    arm,
    counted_from,
    end_day,
    is_last,
    conversion,
    occurred_at::date as outcome_day,
    {{ exact('count(*) filter (where not is_refund)') }} as conversions,
    {{ exact('count(value_units) filter (where not is_refund)') }}
        as valued_conversions,
    {{ exact('coalesce(sum(value_units), 0)') }} as value_units,
    -- A refund counts with the currencies as soon as it takes a value back.
    list(distinct currency order by currency) filter (
        where currency is not null and (not is_refund or value_units is not null)
    ) as currencies
from {{ ref('int_interval_conversions') }}
where is_in_window
    and (end_day is null or occurred_at::date < end_day)
{% if is_incremental() %}
    and unit_id in (select unit_id from {{ ref('int_affected_units') }})
{% endif %}
group by all
