{# The breakdowns whose values are texts; membership of a segment is a boolean. #}
{% macro text_breakdowns() -%}
    {{ return(var('breakdowns') | rejectattr('segment') | list) }}
{%- endmacro %}

{#
    What the column of a field in `int_unit_fields` is called: by what it is read from, so
    that a breakdown that reads something else is another column.
#}
{% macro field_column(breakdown) -%}
    {{ return(breakdown['column'] ~ '_' ~ local_md5(breakdown['path_sql'])[:8]) }}
{%- endmacro %}

{# Text of a JSON value, or of the member under some keys of it. #}
{% macro json_member_text(value, keys) -%}
    {%- if keys -%}{{ json_text(value, keys) }}
    {%- else -%}{{ json_whole_text(value) }}{%- endif -%}
{%- endmacro %}

{# Comments on the columns that lift.yml adds to the cube. #}
{% macro comments_on_breakdowns() -%}
    {%- for breakdown in var('breakdowns') -%}
        comment on column {{ this }}.{{ breakdown['column'] }} is
        {% if breakdown['segment'] -%}
        {{ text_literal('In ' ~ breakdown['segment'] ~ ' at the first exposure.') }}
        {%- elif breakdown['trait'] or breakdown['path_sql'] -%}
        {{ text_literal(
            breakdown['text'] ~ ' at the first exposure; (none) without, (other) beyond'
            ~ ' the most frequent of the experience.'
        ) }}
        {%- else -%}
        'new: first seen on the day of the first exposure; else returning.'
        {%- endif -%};
    {%- endfor -%}
{%- endmacro %}
