{#
    The columns of both lift marts, from judged lifts with adjusted p-values.
#}
{% macro lift_columns() %}
    vendor,
    experience,
    audience_segment,
    period,
    conversion,
    is_main,
    metric,
    variant,
    arm,
    as_of_date,
    control_visitors,
    control_converters,
    {{ finite_figures(['control_total', 'control_mean']) }},
    variant_visitors,
    variant_converters,
    {{ finite_figures([
        'variant_total', 'variant_mean', 'lift', 'lift_ci_lower', 'lift_ci_upper',
        'absolute_difference', 'absolute_ci_lower', 'absolute_ci_upper', 'p_value',
        'p_value_holm', 'p_value_bh', 'sequential_ci_lower', 'sequential_ci_upper',
        'always_valid_p_value', 'running_p_value', 'running_ci_lower', 'running_ci_upper',
        'chance_to_beat_control', 'expected_loss', 'standard_error', 'srm_p_value',
    ]) }},
    crossover_visitors,
    {{ finite_figures(['minimum_detectable_effect']) }},
    {{ finite_figures([
        'cuped_lift', 'cuped_ci_lower', 'cuped_ci_upper', 'cuped_p_value',
        'variance_reduction',
    ], 'cuped') }},
    {% for name in [
        'control_visitors', 'control_converters', 'variant_visitors', 'variant_converters',
    ] -%}
    matured.{{ name }} as matured_{{ name }},
    {% endfor -%}
    {{ finite_figures([
        'control_total', 'control_mean', 'variant_total', 'variant_mean', 'lift',
        'lift_ci_lower', 'lift_ci_upper',
    ], 'matured', 'matured_') }},
    status
{%- endmacro %}


{# Columns of figures; one that is NaN or infinite could not be computed: null. #}
{% macro finite_figures(names, relation='', prefix='') -%}
    {%- for name in names -%}
    {{ finite((relation ~ '.' if relation) ~ name) }} as {{ prefix ~ name }}
    {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
