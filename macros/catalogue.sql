{# Values, the commonest first, with the persons that have each, as JSON. #}
{% macro top_values(value, persons) -%}
    to_json(list(
        struct_pack(value := {{ value }}::json, persons := {{ persons }})
        order by {{ persons }} desc, {{ value }} asc
    ))::varchar
{%- endmacro %}

{#
    The built-in adapter that knows a message for a view of an experience; null for any
    other. Abmatic publishes no event of its own: these are names that its customers use.
#}
{% macro recognising_adapter() -%}
    case
        when type <> 'track' then null
        when event_name = 'Mutiny Experience Viewed' then 'mutiny'
        when event_name = 'get_treatment' then 'split'
        when event_name = 'Experiment Viewed' then 'segment_experiment'
        when event_name in (
            'Campaign Viewed', 'Abmatic Campaign Viewed', 'Abmatic Experience Viewed',
            'Markettailor Campaign Viewed', 'campaign_viewed',
            'abmatic_campaign_viewed', 'markettailor_campaign_viewed'
        ) and coalesce(
            {{ json_kind('properties', 'variation_id') }},
            {{ json_kind('properties', 'variationId') }}
        ) is not null then 'abmatic'
    end
{%- endmacro %}

{# How far two names are apart, whatever their case and the marks between words. #}
{% macro name_distance(a, b) -%}
    levenshtein({{ folded_name(a) }}, {{ folded_name(b) }})
{%- endmacro %}

{% macro folded_name(name) -%}
    regexp_replace(lower({{ name }}), '[\s_.\-]+', '', 'g')
{%- endmacro %}

{# Whether one name may be meant by the other; `jobs/plan/near_names.py` asks the same. #}
{% macro is_near_name(a, b) -%}
    case
        when greatest(length({{ a }}), length({{ b }})) > 200 then {{ a }} = {{ b }}
        else {{ name_distance(a, b) }} * 3 <= greatest(
            length({{ folded_name(a) }}), length({{ folded_name(b) }})
        )
    end
{%- endmacro %}
