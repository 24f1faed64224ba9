{#
    JSON stays text and is read typed. A key is a literal, matched with its case.
    json_text gives true and "true" the same text: wherever that matters, ask json_kind
    first.
#}
{% macro json_pointer(keys) -%}
    {%- set escaped = [] -%}
    {%- for key in ([keys] if keys is string else keys) -%}
        {%- do escaped.append(
            key | replace('~', '~0') | replace('/', '~1') | replace("'", "''")
        ) -%}
    {%- endfor -%}
    '/{{ escaped | join('/') }}'
{%- endmacro %}

{# The pointer to the key that a column names. #}
{% macro json_pointer_to(column) -%}
    '/' || replace(replace({{ column }}, '~', '~0'), '/', '~1')
{%- endmacro %}

{% macro json_text(column, keys) -%}
    ({{ column }} ->> {{ json_pointer(keys) }})
{%- endmacro %}

{# A sound JSON text under the type JSON, as readers of a mart meet it. #}
{% macro as_json(text) -%}
    {{ text }}::json
{%- endmacro %}

{# What a JSON text says, without its quotes and escapes. #}
{% macro json_whole_text(value) -%}
    ({{ value }} ->> '$')
{%- endmacro %}

{#
    One of OBJECT, ARRAY, VARCHAR, BOOLEAN, UBIGINT, BIGINT, HUGEINT, DOUBLE, NULL;
    null when absent.
#}
{% macro json_kind(column, keys) -%}
    json_type({{ column }}, {{ json_pointer(keys) }})
{%- endmacro %}

{# Text of a string or number, numbers as plain decimals; null for anything else. #}
{% macro json_scalar_text(column, keys) -%}
    case {{ json_kind(column, keys) }}
        when 'VARCHAR' then {{ json_text(column, keys) }}
        when 'BIGINT' then {{ json_text(column, keys) }}
        when 'UBIGINT' then {{ json_text(column, keys) }}
        when 'HUGEINT' then {{ json_text(column, keys) }}
        when 'DOUBLE' then {{ plain_decimal(json_text(column, keys)) }}
    end
{%- endmacro %}

{#
    The text of a JSON number with every digit and no exponent: 1234.50 and 1.2345e3 both
    become 1234.5; 40.0 becomes 40. Equal numbers have equal texts, others have others.
    Digits are moved, never computed with. The same in Python: ingest/decimal_text.py.
#}
{% macro plain_decimal(text) -%}
    {%- set exponent -%}
        try_cast(regexp_extract({{ text }}, '[eE]\+?(-?\d+)$', 1) as integer)
    {%- endset -%}
    {%- set whole -%} regexp_extract({{ text }}, '^-?(\d+)', 1) {%- endset -%}
    {%- set digits -%}
        repeat('0', greatest(-{{ exponent }}, 0))
        || {{ whole }}
        || regexp_extract({{ text }}, '\.(\d+)', 1)
        || repeat('0', greatest({{ exponent }}, 0))
    {%- endset -%}
    {%- set point -%} (length({{ whole }}) + greatest({{ exponent }}, 0)) {%- endset -%}
    case
        when regexp_matches({{ text }}, '^-?[0.]+([eE]|$)') then '0'
        when regexp_matches({{ text }}, '[eE]')
            then case
                when abs({{ exponent }}) <= 400
                    then case when starts_with({{ text }}, '-') then '-' else '' end
                    || coalesce(
                        nullif(ltrim(substr({{ digits }}, 1, {{ point }}), '0'), ''), '0'
                    )
                    || coalesce(
                        '.' || nullif(rtrim(substr({{ digits }}, {{ point }} + 1), '0'), ''),
                        ''
                    )
            end
        when contains({{ text }}, '.') then rtrim(rtrim({{ text }}, '0'), '.')
        else {{ text }}
    end
{%- endmacro %}

{#
    An object of a message, with the keys that a data lake has flattened where the
    configuration looks for them.
#}
{% macro with_spelled_keys(object) -%}
    {%- set spellings = var('flattened_keys').get(object) -%}
    {%- if spellings -%}
        case
            when is_flattened and {{ object }} is not null then json_merge_patch(
                {{ object }}
                {%- for spelling in spellings -%}
                {%- set value = object ~ ' -> ' ~ json_pointer(spelling['staged']) -%}
                , case
                    when ({{ value }}) is null then '{}'::json
                    else json_merge_patch(
                        {{ json_nested(spelling['staged'], 'null') if spelling['moves']
                            else "'{}'::json" }},
                        {{ json_nested(spelling['path'], value) }}
                    )
                end
                {%- endfor %}
            )::varchar
            else {{ object }}
        end
    {%- else -%}
        {{ object }}
    {%- endif -%}
{%- endmacro %}

{# A value at the end of a path of new objects. #}
{% macro json_nested(keys, value) -%}
    {%- for key in keys %}json_object({{ text_literal(key) }}, {% endfor -%}
    {{ value }}
    {%- for key in keys %}){% endfor -%}
{%- endmacro %}

{#
    A JSON value (with its json_kind) as the text that equal ones share: 40.0 is 40, and
    the keys of an object are in order.
#}
{% macro json_comparable(value, kind) -%}
    case
        when {{ kind }} = 'DOUBLE' then coalesce({{ plain_decimal(value) }}, {{ value }})
        when {{ kind }} in ('OBJECT', 'ARRAY')
            then regexp_replace(
                json_normalize({{ value }}),
                -- A text stands as it is, the fraction of a whole number goes.
                '("(?:[^"\\]|\\.)*")|(\d)\.0([,\]}])', '\1\2\3', 'g'
            )
        else {{ value }}
    end
{%- endmacro %}

{#
    The shape of a JSON object: the same keys, each with its json_kind for a value. A list
    gives a list, an object an object, or JSON if it has no keys.
#}
{% macro json_shape(object) -%}
    json_structure({{ object }})
{%- endmacro %}

{# What JSON calls the type of a json_kind. #}
{% macro json_type_name(kind) -%}
    case {{ kind }}
        when 'VARCHAR' then 'string'
        when 'BOOLEAN' then 'boolean'
        when 'OBJECT' then 'object'
        when 'ARRAY' then 'array'
        when 'NULL' then 'null'
        else 'number'
    end
{%- endmacro %}

{#
    What a destination makes of an object: compact JSON with sorted keys, without the
    fields that are null and without those of `without`.
#}
{% macro json_received(object, without=[]) -%}
    json_normalize(json_merge_patch(
        '{}', {{ object }}
        {%- for key in without %}, '{"{{ key }}": null}'{% endfor %}
    )::varchar)
{%- endmacro %}

{# The kind of a whole value. #}
{% macro json_kind_of(value) -%}
    json_type({{ value }})
{%- endmacro %}

{# The members of an array as a list of JSON values; null for anything else. #}
{% macro json_elements(value) -%}
    from_json({{ value }}, '["JSON"]')
{%- endmacro %}

{# The scalars at several paths of one object, in their order, as JSON: parsed once. #}
{% macro json_scalars(column, paths) -%}
    json_value({{ column }}, [
        {%- for keys in paths -%} {{ json_pointer(keys) }}{{ ', ' if not loop.last }} {%- endfor -%}
    ])
{%- endmacro %}

{# A JSON string with no more than its first characters; other values as they are. #}
{% macro json_cut_text(value, length) -%}
    case
        when length({{ value }}) > {{ length }} and starts_with({{ value }}, '"')
            then to_json(left({{ value }}::json ->> '$', {{ length }}))::varchar
        else {{ value }}
    end
{%- endmacro %}

{#
    The members of an object that a condition on `member.key` keeps, as text without the
    braces; nulls go, texts are cut. Null for what is not an object.
#}
{% macro json_members(object, condition, length) -%}
    array_to_string(list_transform(
        list_filter(
            map_entries({{ json_map(object) }}),
            lambda member: member.value is not null and {{ condition }}
        ),
        lambda member: to_json(member.key)::varchar || ':'
            || {{ json_cut_text('member.value::varchar', length) }}
    ), ',')
{%- endmacro %}

{#
    One object, compact and with sorted keys, of members as text: the first have scalar
    values and give way to the last, which have no name twice.
#}
{% macro json_joined(first_members, last_members) -%}
    json_normalize(json_deep_merge(
        '{' || {{ first_members }} || '}', '{' || coalesce({{ last_members }}, '') || '}'
    ))::varchar
{%- endmacro %}

{# A member of an object, as text, for the first characters of a text; null of a null. #}
{% macro json_text_member(name, text, length) -%}
    '"{{ name }}":' || to_json(left({{ text }}, {{ length }}))::varchar
{%- endmacro %}

{# An object as a map of JSON values; a null value is NULL. #}
{% macro json_map(object) -%}
    from_json({{ object }}, '"MAP(VARCHAR,JSON)"')
{%- endmacro %}

{# The same value with the keys of every object in order. #}
{% macro json_sorted(value) -%}
    json_normalize({{ value }})
{%- endmacro %}
