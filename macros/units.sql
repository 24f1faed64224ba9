{#
    What counts once: a person, or an identifier or account of the message. The type is a
    matter of the entry of `exposures:` that takes a view, so that a vendor may have units
    of several types. Inside the models a unit is one text, `unit_id`, unique within its
    vendor: where a vendor has several types it begins with the prefix of its type
    (`user_id:u1`). Published tables show the two apart.
#}

{#
    The unit of the type of a row of raw.config_vendor_units, from the person and the
    units of int_message_persons. Null where the message carries none.
#}
{% macro unit_id(messages, units) -%}
    {{ units }}.unit_prefix || case {{ units }}.unit_type
        when 'user_id' then {{ messages }}.user_id_unit
        when 'anonymous_id' then {{ messages }}.anonymous_id_unit
        when 'account' then {{ messages }}.account_unit
        else {{ messages }}.person_id
    end
{%- endmacro %}

{# Whether a unit is of the type of a row of raw.config_vendor_units. #}
{% macro is_unit_of_type(relation, units) -%}
    {{ relation }}.vendor = {{ units }}.vendor
    and starts_with({{ relation }}.unit_id, {{ units }}.unit_prefix)
{%- endmacro %}

{# The unit as published tables show it, beside its type. #}
{% macro published_unit_id(relation, units) -%}
    substr({{ relation }}.unit_id, length({{ units }}.unit_prefix) + 1)
{%- endmacro %}

{# The account that a message names. #}
{% macro account_id() -%}
    coalesce(
        nullif(group_id, ''), nullif({{ json_scalar_text('context', 'groupId') }}, '')
    )
{%- endmacro %}

{# What a vendor that resolves nobody knows a visitor by. #}
{% macro device_id(messages) -%}
    coalesce(
        'anonymous_id:' || {{ messages }}.anonymous_id,
        'user_id:' || {{ messages }}.user_id
    )
{%- endmacro %}

{# An excluded message makes no person: where it is of nobody else, it is its device's. #}
{% macro unit_or_device(messages, persons, units) -%}
    case
        when {{ persons }}.person_id is not null
            then {{ unit_id(persons, units) }}
        when {{ messages }}.is_excluded then {{ device_id(messages) }}
    end
{%- endmacro %}
