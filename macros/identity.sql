{# Trimmed and lower-cased, as emails and blocked values are compared. #}
{% macro normalised(text) -%}
    lower(trim({{ text }}, ' ' || chr(9) || chr(10) || chr(13)))
{%- endmacro %}

{# The value when it may identify, else null: blocked patterns must match all of it. #}
{% macro usable_identifier(column) -%}
    {%- set patterns = ['\\s*'] + var('identity')['blocked'] -%}
    case
        when not regexp_full_match(
            {{ normalised(column) }},
            {{ text_literal('(?:' ~ patterns | join(')|(?:') ~ ')') }}
        ) then {{ column }}
    end
{%- endmacro %}

{# What identifies on a message beside its own ids: traits of identify calls. #}
{% macro mutiny_visitor_id() -%}
    case when type = 'identify'
        then {{ json_scalar_text('traits', 'mutinyVisitorId') }} end
{%- endmacro %}

{% macro merging_email() -%}
    {%- if var('identity')['merge_on_email'] -%}
        case when type = 'identify'
            then {{ normalised(json_scalar_text('traits', 'email')) }} end
    {%- else -%}
        null::varchar
    {%- endif -%}
{%- endmacro %}

{% macro alias_previous_id() -%}
    {%- if var('identity')['merge_on_alias'] -%}
        case when type = 'alias' and {{ usable_identifier('user_id') }} is not null
            then previous_id end
    {%- else -%}
        null::varchar
    {%- endif -%}
{%- endmacro %}

{# The identifiers of a message as written: what makes it one of a set. #}
{% macro written_identifiers() -%}
    user_id,
    anonymous_id,
    {{ mutiny_visitor_id() }} as mutiny_visitor_id,
    {{ merging_email() }} as email,
    {{ alias_previous_id() }} as previous_id
{%- endmacro %}

{# The key of the set of identifiers on a message, beside `written_identifiers`. #}
{% macro set_key() -%}
    md5(to_json([
        user_id, anonymous_id, mutiny_visitor_id, email, previous_id
    ])::varchar)::uuid
{%- endmacro %}

{# 128 bits, stable over runs and engines, and half the cost of text. #}
{% macro identifier_key(id_type, id_value) -%}
    md5({{ id_type }} || '|' || {{ id_value }})::uuid
{%- endmacro %}

{#
    Joins that find the person a message belongs to, and the column that names it. A
    strong identifier decides; without one, the owner of the device at the time of the
    message does. `messages` has occurred_at, user_id, anonymous_id, mutiny_visitor_id
    and email; and, where they may be aliases that are no behaviour, alias_previous_id,
    which those that are behaviour share a person with.

    Most identifiers have one owner for ever. Where owners change, their intervals were
    looked through once, in int_shared_identifier_moments: intervals and messages of a
    shared device, joined with each other, would be as many as their product.
#}
{% macro person_joins(messages, with_aliases=false) -%}
    {%- for owner, id_type, column in [
        ('user', 'user_id', 'user_id'),
        ('previous_user', 'user_id', 'alias_previous_id'),
        ('email', 'email', 'email'),
        ('device', 'anonymous_id', 'anonymous_id'),
        ('visitor', 'mutiny_visitor_id', 'mutiny_visitor_id'),
        ('previous_device', 'anonymous_id', 'alias_previous_id'),
    ]
        if (id_type != 'email' or var('identity')['merge_on_email'])
            and (column != 'alias_previous_id' or with_aliases) %}
    left join {{ ref('int_identifier_owners') }} as {{ owner }}_owners
        on {{ messages }}.{{ column }} = {{ owner }}_owners.id_value
        and {{ owner }}_owners.id_type = '{{ id_type }}'
        {%- if id_type not in ['user_id', 'email'] %}
        and {{ owner }}_owners.owned_from is null
        and {{ owner }}_owners.owned_to is null
    left join {{ ref('int_shared_identifier_moments') }} as {{ owner }}_moments
        on {{ messages }}.{{ column }} = {{ owner }}_moments.id_value
        and {{ owner }}_moments.id_type = '{{ id_type }}'
        and {{ messages }}.occurred_at = {{ owner }}_moments.occurred_at
        {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# Beside `person_joins`: whose the anonymous_id of a message is. #}
{% macro device_person_id() -%}
    coalesce(device_owners.person_id, device_moments.person_id)
{%- endmacro %}

{% macro person_id(with_aliases=false) -%}
    coalesce(
        user_owners.person_id,
        {% if with_aliases %}previous_user_owners.person_id,{% endif %}
        {% if var('identity')['merge_on_email'] %}email_owners.person_id,{% endif %}
        {{ device_person_id() }},
        visitor_owners.person_id,
        visitor_moments.person_id
        {%- if with_aliases %},
        previous_device_owners.person_id,
        previous_device_moments.person_id
        {%- endif %}
    )
{%- endmacro %}
