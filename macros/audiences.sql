{# The keys of the sources of kind engage. #}
{% macro engage_sources() -%}
    {%- set keys = [] -%}
    {%- for key, source in var('sources').items() if source['kind'] == 'engage' -%}
        {%- do keys.append(key) -%}
    {%- endfor -%}
    {{ text_literals(keys) }}
{%- endmacro %}

{#
    Engage syncs an audience at least every three hours: past twice that it is silent.
#}
{% macro is_stale_audience(last_seen_at, as_of) -%}
    {{ as_of }} - {{ last_seen_at }} > interval 6 hours
{%- endmacro %}
