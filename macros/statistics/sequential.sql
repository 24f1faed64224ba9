{#
    Asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
    arXiv 2103.06476): valid at every look at once. N is all
    units of the contrast, q = N ρ² + 1.
#}

{# ρ², tightest at `tuning_visitors` units. Fixed for the life of an experiment. #}
{% macro sequential_rho_squared() -%}
    ((-2 * ln({{ statistics_setting('alpha') }})
    + ln(1 - 2 * ln({{ statistics_setting('alpha') }})))
    / {{ statistics_setting('tuning_visitors') }})
{%- endmacro %}


{# Half-width in standard errors: √( 2q / (N ρ²) · ln(√q / α) ). #}
{% macro sequential_quantile(units) -%}
    {%- set q = '(' ~ units ~ ' * ' ~ sequential_rho_squared() ~ ' + 1)' -%}
    sqrt(
        2 * {{ q }} / nullif({{ units }} * {{ sequential_rho_squared() }}, 0)
        * ln(sqrt({{ q }}) / {{ statistics_setting('alpha') }})
    )
{%- endmacro %}


{#
    Always-valid p-value: min(1, √q · exp(-ρ² N z² / 2q)); `least` alone would lose a
    null.
#}
{% macro always_valid_p_value(units, z) -%}
    {%- set q = '(' ~ units ~ ' * ' ~ sequential_rho_squared() ~ ' + 1)' -%}
    case
        when {{ z }} is not null then least(
            1,
            sqrt({{ q }}) * exp(
                -{{ sequential_rho_squared() }} * {{ units }} * power({{ z }}, 2)
                / (2 * {{ q }})
            )
        )
    end
{%- endmacro %}
