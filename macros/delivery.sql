{# True or an object; anything else is off. #}
{% macro is_switched_on(integrations, pointer) -%}
    coalesce(
        json_type({{ integrations }}, {{ pointer }}) = 'OBJECT'
        or {{ is_true(integrations, pointer) }},
        false
    )
{%- endmacro %}

{# Whether the value at a pointer is the boolean, not the text. #}
{% macro is_true(object, pointer) -%}
    coalesce(
        json_type({{ object }}, {{ pointer }}) = 'BOOLEAN'
        and {{ object }} ->> ({{ pointer }}) = 'true',
        false
    )
{%- endmacro %}

{#
    Why a destination does not receive a message: the first reason that its settings and
    its connection give (what it asks of the message itself follows); null if none does,
    or if there is no destination. It reads the relations `destinations`
    (raw.config_destinations) and `sources` (raw.config_sources) beside the messages.
    Looking for the word first spares most messages the parser; a key may also be written
    in escapes.
#}
{% macro drop_reason(messages) -%}
    {%- set context = messages ~ '.context' -%}
    {%- set integrations = messages ~ '.integrations' -%}
    case
        when destinations.vendor is null then null
        when not destinations.is_active then 'destination_inactive'
        when destinations.is_named
            and not list_contains(sources.destinations, destinations.vendor)
            then 'source_not_connected'
        when destinations.is_region_enforced and sources.region <> destinations.region
            then 'region_mismatch'
        -- Preferences restrict once they are given.
        when array_length(destinations.consent_categories) > 0
            and (contains({{ context }}, '"consent"') or contains({{ context }}, '\u'))
            and {{ json_kind(context, ['consent', 'categoryPreferences']) }} = 'OBJECT'
            and not list_bool_and(list_transform(
                destinations.consent_categories,
                lambda category: {{ is_true(
                    context,
                    "'/consent/categoryPreferences' || " ~ json_pointer_to('category')
                ) }}
            ))
            then 'consent'
        when {{ integrations }} <> '{}' and not case
            when list_bool_or(list_transform(
                destinations.integration_names,
                lambda name: json_type({{ integrations }}, '/' || name) is not null
            ))
                then list_bool_or(list_transform(
                    destinations.integration_names,
                    lambda name: {{ is_switched_on(integrations, "'/' || name") }}
                ))
            -- A name that is absent follows All, which is on by default.
            when {{ json_kind(integrations, 'All') }} is not null
                then {{ is_switched_on(integrations, "'/All'") }}
            else true
        end
            then 'integrations_object'
        when not list_contains(destinations.accepted_types, {{ messages }}.type)
            then 'unsupported_type'
        when not destinations.counts_conversions then 'conversion_integration_off'
    end
{%- endmacro %}
