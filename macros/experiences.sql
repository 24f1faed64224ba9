{# Ties one row of a grain to another; a period may be null. #}
{% macro same_grain(
    left, right, columns=['vendor', 'experience', 'audience_segment', 'period']
) -%}
    {%- for column in columns -%}
        {{ left }}.{{ column }}
        {{- ' is not distinct from ' if column == 'period' else ' = ' -}}
        {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Ties rows of one spell of a unit. #}
{% macro same_spell(left, right) -%}
    {{ same_grain(left, right) }}
    and {{ left }}.unit_id = {{ right }}.unit_id
    and {{ left }}.variant = {{ right }}.variant
    and {{ left }}.counted_from = {{ right }}.counted_from
{%- endmacro %}

{# Ties rows of one look at a variant, for one conversion and metric. #}
{% macro same_contrast(left, right) -%}
    {{ same_grain(left, right) }}
    {%- for column in ['conversion', 'metric', 'as_of_date', 'variant'] %}
    and {{ left }}.{{ column }} = {{ right }}.{{ column }}
    {%- endfor -%}
{%- endmacro %}

{# What a finding about a grain is about. #}
{% macro experience_subject(relation) -%}
    {{ relation }}.vendor || ' / ' || {{ relation }}.experience
    || case
        when {{ relation }}.audience_segment <> '(all)'
            then ' / ' || {{ relation }}.audience_segment
        else ''
    end
{%- endmacro %}
