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
    What is blocked is no unit.
#}
{% macro carried_unit(unit_type, messages) -%}
    {%- if unit_type == 'user_id' -%}
        case when user_owners.person_id is not null then {{ messages }}.user_id end
    {%- elif unit_type == 'anonymous_id' -%}
        case when {{ device_person_id() }} is not null then {{ messages }}.anonymous_id end
    {%- elif unit_type == 'account' -%}
        {{ messages }}.account_id
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

{# The account that a message names. #}
{% macro account_id() -%}
    {{ first_text(['group_id', json_scalar_text('context', 'groupId')]) }}
{%- endmacro %}

{# The vendors whose conversions without a unit are those of their person's. #}
{% macro vendors_with_fallback() -%}
    {%- set vendors = [] -%}
    {%- for vendor, unit_type in vendor_units().items()
        if unit_type in ['anonymous_id', 'user_id'] -%}
        {%- do vendors.append(vendor) -%}
    {%- endfor -%}
    {{ return(vendors) }}
{%- endmacro %}
