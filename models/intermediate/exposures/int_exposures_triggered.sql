{{ config(materialized='view') }}
-- One row per message that a configured trigger (Abmatic, custom) takes for an
-- exposure, complete or not.
with views as (

    {% for entry in adapter_entries(['abmatic', 'custom']) -%}
    select
        message_id,
        {{ text_literal(entry['vendor']) }} as vendor,
        {{ first_text(entry['experience_sql']) }} as experience,
        {{ first_text(entry['audience_segment_sql']) }} as audience_segment,
        {{ first_text(entry['variant_sql']) }} as variant,
        {{ is_control_variant(
            first_text(entry['variant_sql']), entry['control_variants']
        ) }} as is_control,
        {{ is_expected_source(entry) }} as is_expected_source,
        source,
        occurred_at,
        received_at,
        {{ message_fields() }}
    from {{ ref('stg_segment__messages') }}
    where is_behaviour and ({{ entry['trigger_sql'] }})
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        message_id,
        null::varchar as vendor,
        null::varchar as experience,
        null::varchar as audience_segment,
        null::varchar as variant,
        false as is_control,
        true as is_expected_source,
        source,
        occurred_at,
        received_at,
        {{ message_fields() }}
    from {{ ref('stg_segment__messages') }}
    where false
    {% endfor %}
)

{{ exposures_by_variant('views') }}
