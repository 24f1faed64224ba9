{#
    Smallest δ > 0 with δ = k √( v_C / m_C² · (1/n_V + (1 + δ)²/n_C) ), k = z₁₋α/₂ +
    z_power (two-sided power of the relative difference). Squared, with a = k² v_C /
    (m_C² n_C) and b the same over n_V: (1 - a) δ² - 2 a δ - (a + b) = 0, whose one
    positive root, for a < 1, is (a + √(a + b - a b)) / (1 - a). From a = 1 on, or
    without variance, there is none.
#}
{% macro minimum_detectable_effect(a, b) -%}
    case
        when {{ a }} > 0 and {{ a }} < 1
            then ({{ a }} + sqrt({{ a }} + {{ b }} - {{ a }} * {{ b }})) / (1 - {{ a }})
    end
{%- endmacro %}


{# k² v_C / m_C²; null unless k is positive. #}
{% macro detectable_variance(control_variance, control_mean) -%}
    power(nullif(greatest(
        normal_quantile(1 - {{ statistics_setting('alpha') }} / 2)
        + normal_quantile({{ statistics_setting('power') }}),
        0
    ), 0), 2) * {{ control_variance }} / nullif(power({{ control_mean }}, 2), 0)
{%- endmacro %}
