{# Degrees of freedom of Welch and Satterthwaite (Welch 1947, Biometrika 34). #}
{% macro welch_degrees_of_freedom(
    control_mean_variance, control_units, variant_mean_variance, variant_units
) -%}
    power({{ control_mean_variance }} + {{ variant_mean_variance }}, 2) / nullif(
        power({{ control_mean_variance }}, 2) / nullif({{ control_units }} - 1, 0)
        + power({{ variant_mean_variance }}, 2) / nullif({{ variant_units }} - 1, 0),
        0
    )
{%- endmacro %}


{# The quantile of a two-sided interval at `alpha`. #}
{% macro two_sided_t_quantile(degrees_of_freedom) -%}
    student_t_quantile(
        1 - {{ statistics_setting('alpha') }} / 2, {{ degrees_of_freedom }}
    )
{%- endmacro %}
