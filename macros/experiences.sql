{# One audience under two names is one segment from assignment on. #}
{% macro segment_alias(column) -%}
    {{ looked_up(column, var('segment_aliases'), column) }}
{%- endmacro %}

{% macro _period_bounds(period, at) -%}
    {{ at }} >= timestamp '{{ period["from"] }}'
    {%- if period.get('to') %} and {{ at }} < timestamp '{{ period["to"] }}'{% endif -%}
{%- endmacro %}

{#
    The first day of the period a moment falls in; null for an experience without
    periods.
#}
{% macro experience_period(experience, at) -%}
    case
    {%- for name, periods in var('periods').items() -%}
        {%- for period in periods %}
        when {{ experience }} = {{ text_literal(name) }}
            and {{ _period_bounds(period, at) }}
            then date '{{ period["from"] }}'
        {%- endfor -%}
    {%- endfor %}
        when false then current_date
    end
{%- endmacro %}

{# Outside all periods of its experience an exposure counts in none. #}
{% macro is_in_a_period(experience, at) -%}
    {%- if var('periods') -%}
    case
    {%- for name, periods in var('periods').items() %}
        when {{ experience }} = {{ text_literal(name) }} then
            {% for period in periods %}({{ _period_bounds(period, at) }})
            {{- ' or ' if not loop.last }}{% endfor %}
    {%- endfor %}
        else true
    end
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

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
