{#
    A number of `statistics:` in lift.yml, as a double. The defaults are lift.yml's own,
    so that the project parses without variables. A prior without stddev is flat: null.
#}
{% macro statistics_setting(name) -%}
    {%- set defaults = {
        'alpha': 0.05,
        'power': 0.8,
        'tuning_visitors': 5000,
        'srm_alpha': 0.001,
        'min_visitors': 100,
        'min_converters': 25,
        'prior_mean': 0,
        'prior_stddev': 0.3,
    } -%}
    {%- set value = var('statistics', {}).get(name, defaults[name]) -%}
    cast({{ 'null' if value is none else value }} as double)
{%- endmacro %}


{# The configured split: one row an experience and key (a variant or an arm). #}
{% macro expected_split_rows() -%}
    {%- set rows = [] -%}
    {%- for experience, shares in var('expected_split', {}).items() -%}
        {%- for key, share in shares.items() if share > 0 -%}
            {%- do rows.append((experience | string, key | string, share)) -%}
        {%- endfor -%}
    {%- endfor -%}
    select
        cast(configured.experience as varchar) as experience,
        cast(configured.split_key as varchar) as split_key,
        cast(configured.weight as double) as weight
    from (
        values
        {%- for experience, key, share in rows or [('', '', 0)] %}
        (
            {{ text_literal(experience) }},
            {{ text_literal(key) }},
            {{ share }}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as configured (experience, split_key, weight)
    where configured.weight > 0
{%- endmacro %}
