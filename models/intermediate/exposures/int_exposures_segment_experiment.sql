{{ config(materialized='view') }}
-- One row per `Experiment Viewed` of Segment's specification, in any public spelling,
-- complete or not.
{%- set entries = adapter_entries(['segment_experiment']) %}
{%- set controls = entries[0]['control_variants'] if entries else [] %}
with views as (

    select
        *,
        'segment_experiment' as vendor,
        {{ is_expected_source(entries | first) }} as is_expected_source,
        null::varchar as audience_segment,
        {{ first_property(['experiment_name', 'experimentName']) }} as experiment_name,
        {{ first_property([
            'experiment_id', 'experimentId', 'experimentID',
        ]) }} as experiment_id,
        {{ first_property([
            'variation_name', 'variationName', 'variant_name', 'variantName',
        ]) }} as variation_name,
        {{ first_property([
            'variation_id', 'variationId', 'variationID', 'variant_id', 'variantId',
        ]) }} as variation_id
    from {{ ref('stg_segment__tracks') }}
    where event_name = 'Experiment Viewed'
        and is_behaviour
        and {{ 'true' if entries else 'false' }}

),

named as (

    select
        *,
        coalesce(experiment_name, experiment_id) as experience,
        coalesce(variation_name, variation_id) as variant,
        -- A control is configured by its name or by its id.
        {{ is_control_variant('variation_name', controls) }}
        or {{ is_control_variant('variation_id', controls) }} as is_control
    from views

)

{{ exposures_by_variant('named') }}
