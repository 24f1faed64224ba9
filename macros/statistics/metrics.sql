{#
    A metric is a ratio of two sums over units, numerator and denominator; the denominator
    of a mean is one per unit. These are the sums of a row of `sums` beside a row of
    `metrics`, with the squares and the product that the variance of the ratio takes.
#}
{% macro metric_numerator(sums) -%}
    case metrics.metric
        when 'conversion_rate' then {{ sums }}.converters
        when 'conversions_per_visitor' then {{ sums }}.conversions
        else {{ sums }}.value_sum
    end
{%- endmacro %}


{% macro metric_numerator_squares(sums) -%}
    case metrics.metric
        when 'conversion_rate' then {{ sums }}.converters
        when 'conversions_per_visitor' then {{ sums }}.conversions_sum_squares
        else {{ sums }}.value_sum_squares
    end
{%- endmacro %}


{% macro metric_product(sums) -%}
    case metrics.metric
        when 'conversion_rate' then {{ sums }}.converters
        when 'conversions_per_visitor' then {{ sums }}.conversions
        when 'value_per_visitor' then {{ sums }}.value_sum
        else {{ sums }}.value_valued_conversions_sum
    end
{%- endmacro %}


{% macro metric_denominator(sums) -%}
    case metrics.metric
        when 'value_per_conversion' then {{ sums }}.valued_conversions
        else {{ sums }}.visitors
    end
{%- endmacro %}


{% macro metric_denominator_squares(sums) -%}
    case metrics.metric
        when 'value_per_conversion' then {{ sums }}.valued_conversions_sum_squares
        else {{ sums }}.visitors
    end
{%- endmacro %}


{#
    Whether two arms are large enough for a verdict: `min_visitors` in each, and
    `min_converters` in both together. An arm of one unit has no variance, whatever the
    configured minimum.
#}
{% macro is_sample_sufficient(control_visitors, variant_visitors, converters) -%}
    least({{ control_visitors }}, {{ variant_visitors }})
    >= greatest({{ statistics_setting('min_visitors') }}, 2)
    and {{ converters }} >= {{ statistics_setting('min_converters') }}
{%- endmacro %}
