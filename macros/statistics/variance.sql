{#
    Variance of a ratio of sums per unit, ddof 1, by the delta method (Deng, Knoblich and
    Lu, KDD 2018, arXiv 1803.06336): (v_y - 2 r c_yw + r² v_w) / mean(w)²; for a mean, the
    sample variance. From Σ (u - (R/W) w)² = (W² Σu² - 2 R W Σuw + R² Σw²) / W² with
    u = y - shift · w and R = Σu: exact in integers up to the one division, in doubles
    where integers overflow (`abs`, as rounding may leave those a hair below zero). Null
    below two units.
#}
{% macro ratio_variance(sum, sum_squares, product, weight, weight_squares, units) -%}
    {%- set slope -%}
        (cast({{ sum }} as double) / nullif({{ weight }}, 0))
    {%- endset -%}
    coalesce(
        cast({{ null_on_overflow(
            sum_squares ~ ' * ' ~ weight ~ ' * ' ~ weight
            ~ ' - 2 * ' ~ sum ~ ' * ' ~ product ~ ' * ' ~ weight
            ~ ' + ' ~ sum ~ ' * ' ~ sum ~ ' * ' ~ weight_squares
        ) }} as double)
        / nullif(power(cast({{ weight }} as double), 2), 0),
        abs(
            cast({{ sum_squares }} as double)
            - 2 * {{ slope }} * cast({{ product }} as double)
            + power({{ slope }}, 2) * cast({{ weight_squares }} as double)
        )
    )
    / nullif({{ units }} - 1, 0)
    * power(cast({{ units }} as double) / nullif({{ weight }}, 0), 2)
{%- endmacro %}


{# a b - c d, exact in integers; in doubles where those overflow. #}
{% macro product_difference(a, b, c, d) -%}
    coalesce(
        cast({{ null_on_overflow(a ~ ' * ' ~ b ~ ' - ' ~ c ~ ' * ' ~ d) }} as double),
        cast({{ a }} as double) * cast({{ b }} as double)
        - cast({{ c }} as double) * cast({{ d }} as double)
    )
{%- endmacro %}
