{# What each vendor's units are: its adapter's, else that of all. #}
{% macro vendor_units() -%}
    {%- set units = {} -%}
    {%- for entry in var('exposures') -%}
        {%- do units.update({
            entry['vendor']: entry.get('unit') or var('statistics').get('unit', 'person')
        }) -%}
    {%- endfor -%}
    {{ return(units) }}
{%- endmacro %}

{#
    The unit that a message carries, beside `person_joins`: null where it carries none.
    What is blocked is no unit. `accounts` joins the account by message_id.
#}
{% macro carried_unit(unit_type, messages) -%}
    {%- if unit_type == 'user_id' -%}
        case when user_owners.person_id is not null then {{ messages }}.user_id end
    {%- elif unit_type == 'anonymous_id' -%}
        case when device_owners.person_id is not null then {{ messages }}.anonymous_id end
    {%- elif unit_type == 'account' -%}
        accounts.account_id
    {%- else -%}
        {{ person_id() }}
    {%- endif -%}
{%- endmacro %}

{# The unit of an exposure, by its vendor. #}
{% macro exposed_unit(messages) -%}
    {%- set cases = [] -%}
    {%- for vendor, unit_type in vendor_units().items() if unit_type != 'person' -%}
        {%- do cases.append(
            'when ' ~ text_literal(vendor) ~ ' then ' ~ carried_unit(unit_type, messages)
        ) -%}
    {%- endfor -%}
    {%- if cases -%}
        case {{ messages }}.vendor {{ cases | join(' ') }} else {{ person_id() }} end
    {%- else -%}
        {{ person_id() }}
    {%- endif -%}
{%- endmacro %}

{% macro account_join(messages) -%}
    {%- if 'account' in vendor_units().values() %}
    left join {{ ref('int_account_messages') }} as accounts
        on {{ messages }}.message_id = accounts.message_id
    {%- endif -%}
{%- endmacro %}

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
