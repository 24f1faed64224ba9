{#
    What counts once: a person, or an identifier or account of the message. The type is a
    matter of the entry of `exposures:` that takes a view, so that a vendor may have units
    of several types. Inside the models a unit is one text, `unit_id`, unique within its
    vendor: where a vendor has several types it begins with its type (`user_id:u1`).
    Published tables show it with unit_type() and unit_id().
#}

{# The type of unit of an entry: its own, else that of all. #}
{% macro entry_unit_type(entry) -%}
    {{ return(entry.get('unit') or var('statistics').get('unit', 'person')) }}
{%- endmacro %}

{# The types of unit of each vendor, in the order of its entries. #}
{% macro vendor_unit_types() -%}
    {%- set vendors = {} -%}
    {%- for entry in var('exposures') -%}
        {%- set types = vendors.setdefault(entry['vendor'], []) -%}
        {%- if entry_unit_type(entry) not in types -%}
            {%- do types.append(entry_unit_type(entry)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(vendors) }}
{%- endmacro %}

{# The vendors that have units of more than one type. #}
{% macro vendors_of_several_types() -%}
    {%- set several = [] -%}
    {%- for vendor, types in vendor_unit_types().items() if types | length > 1 -%}
        {%- do several.append(vendor) -%}
    {%- endfor -%}
    {{ return(several) }}
{%- endmacro %}

{# The columns of units that a message may carry, by type: all but the person. #}
{% macro carried_unit_columns() -%}
    {%- set columns = {} -%}
    {%- for types in vendor_unit_types().values() -%}
        {%- for unit_type in types if unit_type != 'person' -%}
            {%- do columns.update({unit_type: unit_type ~ '_unit'}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{#
    The unit of an exposure, by the type that its entry asks for; of the person and the
    units of int_message_persons. Null where the message carries none.
#}
{% macro exposed_unit(messages, message_persons) -%}
    {%- set several = vendors_of_several_types() -%}
    {%- if several -%}
        case
            when {{ messages }}.vendor in ({{ text_literals(several) }})
                then {{ messages }}.unit_type || ':'
            else ''
        end || {% endif -%}
    case {{ messages }}.unit_type
        {%- for unit_type, column in carried_unit_columns().items() %}
        when '{{ unit_type }}' then {{ message_persons }}.{{ column }}
        {%- endfor %}
        when 'person' then {{ message_persons }}.person_id
    end
{%- endmacro %}

{#
    The rows of a relation of conversions once for each type of unit of their vendor, with
    unit_type and the unit_id that they carry; null where they carry none.
#}
{% macro by_unit(relation) -%}
    {%- set vendors = vendor_unit_types() -%}
    {%- set most = vendors.values() | map('length') | max | default(1, true) -%}
    {%- for place in range(most) -%}
    {%- set types, units, having = {}, {}, [] -%}
    {%- for vendor, unit_types in vendors.items() if place < unit_types | length -%}
        {%- set unit_type = unit_types[place] -%}
        {%- set unit = carried_unit_columns().get(unit_type, 'person_id') -%}
        {%- if unit_types | length > 1 -%}
            {%- set unit = "'" ~ unit_type ~ ":' || " ~ unit -%}
        {%- endif -%}
        {%- do types.update({vendor: unit_type}) -%}
        {%- do units.update({text_literal(vendor): unit}) -%}
        {%- do having.append(vendor) -%}
    {%- endfor %}
    select
        *,
        {{ looked_up('vendor', types, "'person'") }} as unit_type,
        {{ by_number('vendor', units, 'person_id') }} as unit_id
    from {{ relation }}
    {%- if place > 0 %}
    where vendor in ({{ text_literals(having) }})
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The type of a unit, for a published table. #}
{% macro unit_type(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set cases = {} -%}
    {%- for vendor, types in vendor_unit_types().items() -%}
        {%- do cases.update({
            text_literal(vendor): "split_part(" ~ prefix ~ "unit_id, ':', 1)"
                if types | length > 1 else text_literal(types[0])
        }) -%}
    {%- endfor -%}
    {{ by_number(prefix ~ 'vendor', cases, "'person'") }}
{%- endmacro %}

{# The unit itself, for a published table. #}
{% macro unit_id(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set several = vendors_of_several_types() -%}
    {%- if several -%}
        case
            when {{ prefix }}vendor in ({{ text_literals(several) }}) then substr(
                {{ prefix }}unit_id, strpos({{ prefix }}unit_id, ':') + 1
            )
            else {{ prefix }}unit_id
        end
    {%- else -%}
        {{ prefix }}unit_id
    {%- endif -%}
{%- endmacro %}

{# What the units of each vendor are called, for people. #}
{% macro vendor_unit_nouns() -%}
    {%- set nouns = {} -%}
    {%- for vendor, types in vendor_unit_types().items() -%}
        {%- do nouns.update({vendor: types | join(' or ')}) -%}
    {%- endfor -%}
    {{ return(nouns) }}
{%- endmacro %}

{# The account that a message names. #}
{% macro account_id() -%}
    {{ first_text(['group_id', json_scalar_text('context', 'groupId')]) }}
{%- endmacro %}

{#
    The types of unit whose conversions without a unit are those of their person's: an
    account is on the message or nowhere.
#}
{% macro types_with_fallback() -%}
    {%- set types = [] -%}
    {%- for unit_type in carried_unit_columns() if unit_type != 'account' -%}
        {%- do types.append(unit_type) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}
