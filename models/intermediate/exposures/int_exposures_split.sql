{{ config(materialized='view') }}
-- One row per treatment that Split served, complete or not.
{%- set entries = adapter_entries(['split']) %}
{%- set baseline = entries[0]['baseline'] if entries else {} %}
with treatments as (

    select
        *,
        'split' as vendor,
        {{ is_expected_source(entries | first) }} as is_expected_source,
        {{ first_property(['split']) }} as experience,
        null::varchar as audience_segment,
        {{ first_property(['treatment']) }} as variant,
        {{ first_property(['environmentName']) }} as environment
    from {{ ref('stg_segment__tracks') }}
    where event_name = 'get_treatment'
        and is_behaviour
        and {{ 'true' if entries else 'false' }}

),

served as (

    select
        *,
        -- `*` stands for every flag without a baseline of its own.
        variant = {{ looked_up(
            'experience', baseline, text_literal(baseline.get('*', 'off'))
        ) }} as is_control
    from treatments
    -- Split's own treatment `control` says that the SDK was not ready.
    where variant is distinct from 'control'
    {%- for key, source in var('sources').items() if source.get('environment') %}
        and not coalesce(
            source = {{ text_literal(key) }}
            and environment <> {{ text_literal(source['environment']) }},
            false
        )
    {%- endfor %}

)

{{ exposures_by_variant('served') }}
