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
