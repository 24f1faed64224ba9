{#
    Every metric is a ratio of two sums over units, S / W; for a mean the weight W is
    one a unit. Its residuals y - (S/W) w add up to zero, so their sum of squares is all
    that a variance needs. Differences of large sums cancel in doubles: taking the whole
    number `shift` nearest to S/W off first, in integers, keeps every digit and lets
    equal values have variance zero.
#}

{# The whole number nearest to sum / weight. #}
{% macro nearest_whole_ratio(sum, weight) -%}
    sign({{ sum }}) * {{ exact_division(
        '(2 * abs(' ~ sum ~ ') + ' ~ weight ~ ')',
        'nullif(2 * ' ~ weight ~ ', 0)'
    ) }}
{%- endmacro %}


{#
    Σ (u - (R/W) w)² = (W² Σu² - 2 R W Σuw + R² Σw²) / W² over units with u = y - shift
    · w and R = Σu: exact in integers up to the one division, in doubles where integers
    overflow (`abs`, as rounding may leave those a hair below zero; `greatest` would
    lose a null).
#}
{% macro residual_sum_squares(sum, sum_squares, product, weight, weight_squares) -%}
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
{%- endmacro %}


{#
    Variance of a ratio of sums per unit, ddof 1, by the delta method (Deng, Knoblich
    and Lu, KDD 2018, arXiv 1803.06336): (v_y - 2 r c_yw + r² v_w) / mean(w)². For a
    mean it is the sample variance. Null below two units.
#}
{% macro ratio_variance(residual_squares, units, weight) -%}
    {{ residual_squares }} / nullif({{ units }} - 1, 0)
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


{#
    Sample variance of x, ddof 1: (n Σx² - (Σx)²) / (n (n - 1)); `abs`, as rounding may
    leave it a hair below zero. Null below two units.
#}
{% macro sample_variance(units, sum, sum_squares) -%}
    abs({{ product_difference(units, sum_squares, sum, sum) }})
    / nullif({{ units }}, 0) / nullif({{ units }} - 1, 0)
{%- endmacro %}
