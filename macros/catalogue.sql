{# Values, the commonest first, with the persons that have each, as JSON. #}
{% macro top_values(value, persons) -%}
    to_json(list(
        struct_pack(value := {{ value }}::json, persons := {{ persons }})
        order by {{ persons }} desc, {{ value }} asc
    ))::varchar
{%- endmacro %}

{#
    Whether a source is connected to a destination that lift.yml names and that is
    active; one without a list of its own is connected to all.
#}
{% macro is_connected_source(source) -%}
    {%- set named = [] -%}
    {%- set active = [] -%}
    {%- for destination, configured in var('destinations').items()
        if configured.get('is_named', true) -%}
        {%- do named.append(destination) -%}
        {%- if configured.get('state', 'active') == 'active' -%}
            {%- do active.append(destination) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set cut_off = [] -%}
    {%- for key, configured in var('sources').items()
        if configured.get('destinations') is not none
        and not configured['destinations'] | select('in', active) | list -%}
        {%- do cut_off.append(key) -%}
    {%- endfor -%}
    {%- if named and not active -%}
        false
    {%- elif cut_off -%}
        {{ source }} not in ({{ text_literals(cut_off) }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
