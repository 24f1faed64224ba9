select
    business as vendor,
    experiment::varchar as experience,
    '(all)' as audience_segment,
    null::date as period,
    'order' as conversion,
    true as is_main,
    true as has_value,
    date '2026-01-01' + day::integer as as_of_date,
    true as is_look,
    arm as variant,
    arm,
    visitors::bigint as visitors,
    visitors::bigint as split_visitors,
    converters::bigint as converters,
    conversions::hugeint as conversions,
    conversions_sum_squares::hugeint as conversions_sum_squares,
    conversions::hugeint as valued_conversions,
    conversions_sum_squares::hugeint as valued_conversions_sum_squares,
    value_sum::hugeint as value_sum,
    value_sum_squares::hugeint as value_sum_squares,
    value_product::hugeint as value_valued_conversions_sum,
    0 as crossover_visitors,
    -- Nobody did anything before.
    'all' as units,
    {%- for name in unit_sums() if name.startswith('pre_') %}
    0::hugeint as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from drawn_sums
