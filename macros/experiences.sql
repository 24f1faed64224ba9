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
{% macro same_interval(left, right) -%}
    {{ same_grain(left, right) }}
    and {{ left }}.unit_id = {{ right }}.unit_id
    and {{ left }}.variant = {{ right }}.variant
    and {{ left }}.counted_from = {{ right }}.counted_from
{%- endmacro %}

{#
    The key of a study: of (vendor, experience, audience segment, period). Marts join the
    names back.
#}
{% macro study_id(audience_segment) -%}
    md5(to_json([
        vendor, experience, {{ audience_segment }}, period::varchar
    ])::varchar)::uuid
{%- endmacro %}

{# Ties rows of arms that are compared with each other. #}
{% macro same_look(left, right) -%}
    {{ left }}.study_id = {{ right }}.study_id
    and {{ left }}.population = {{ right }}.population
    and {{ left }}.breakdown is not distinct from {{ right }}.breakdown
    and {{ left }}.value is not distinct from {{ right }}.value
    and {{ left }}.conversion = {{ right }}.conversion
    and {{ left }}.metric = {{ right }}.metric
    and {{ left }}.as_of_date = {{ right }}.as_of_date
{%- endmacro %}

{# Ties rows of one look at a variant, for one conversion and metric. #}
{% macro same_contrast(left, right) -%}
    {{ left }}.study_id = {{ right }}.study_id
    and {{ left }}.conversion = {{ right }}.conversion
    and {{ left }}.metric = {{ right }}.metric
    and {{ left }}.as_of_date = {{ right }}.as_of_date
    and {{ left }}.variant = {{ right }}.variant
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
