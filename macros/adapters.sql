{# The entries of `exposures:` that one of these adapters serves. #}
{% macro adapter_entries(adapters) -%}
    {{ return(var('exposures') | selectattr('adapter', 'in', adapters) | list) }}
{%- endmacro %}

{# The first of some texts that is not empty. #}
{% macro first_text(expressions) -%}
    {%- if expressions -%}
        coalesce(
            {%- for expression in expressions -%}
                nullif({{ expression }}, ''){{ ', ' if not loop.last }}
            {%- endfor -%}
        )
    {%- else -%}
        null::varchar
    {%- endif -%}
{%- endmacro %}

{# The first property of several spellings, as text. #}
{% macro first_property(names) -%}
    {%- set expressions = [] -%}
    {%- for name in names -%}
        {%- do expressions.append(json_scalar_text('properties', name)) -%}
    {%- endfor -%}
    {{ first_text(expressions) }}
{%- endmacro %}

{# Whether a text is among the configured control variants. #}
{% macro is_control_variant(text, controls) -%}
    {%- if controls -%}
        coalesce({{ text }} in ({{ text_literals(controls) }}), false)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

{#
    Whether the source of a message is one that its adapter takes exposures from:
    without a list of its own, any.
#}
{% macro is_expected_source(entry) -%}
    {%- set sources = (entry or {}).get('sources') -%}
    {{ 'source in (' ~ text_literals(sources) ~ ')' if sources else 'true' }}
{%- endmacro %}

{# The columns every adapter ends with, for those whose arm follows from the name of the variant. #}
{% macro exposures_by_variant(relation) -%}
    select
        message_id,
        vendor,
        experience,
        audience_segment,
        variant,
        case when variant is not null then
            case when is_control then 'control' else 'personalized' end
        end as arm,
        null::varchar as variation,
        false as is_boolean_as_string,
        case
            when experience is null then 'missing_experience'
            when variant is null then 'missing_variant'
        end as incomplete_reason,
        is_expected_source,
        source,
        occurred_at,
        received_at,
        {{ message_fields() }}
    from {{ relation }}
{%- endmacro %}

{#
    What an exposure takes along of its message: whom it is of, and all that a breakdown
    may ask of it later, so that other breakdowns read no message again.
#}
{% macro message_fields() -%}
    file_id,
    type,
    event_name,
    name,
    channel,
    group_id,
    user_id,
    anonymous_id,
    previous_id,
    properties,
    traits,
    context,
    integrations
{%- endmacro %}
