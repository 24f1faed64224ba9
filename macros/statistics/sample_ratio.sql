{#
    Pearson's χ² (1900), without a continuity correction, as an aggregate over cells. Added
    up as decimals, so that it is the same in whatever order.
#}
{% macro chi_square(observed, expected) -%}
    cast(sum(cast(
        power({{ observed }} - {{ expected }}, 2) / nullif({{ expected }}, 0)
        as decimal(38, 18)
    )) as double)
{%- endmacro %}


{#
    A mismatch is unlikely to be chance and worth acting on: over one percentage point.
    With millions of units χ² alone alarms at nothing. Rounded, so that 0.51 is one
    point from 0.5.
#}
{% macro is_mismatch(p_value, deviation) -%}
    coalesce(
        {{ p_value }} < {{ statistics_setting('srm_alpha') }}
        and round({{ deviation }}, 9) > 0.01,
        false
    )
{%- endmacro %}
