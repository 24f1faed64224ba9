{{ config(materialized='view') }}
-- One row per `Experiment Viewed` of Segment's specification, in any public spelling,
-- and type of unit that an entry asks for, complete or not.
with views as (

    {{ views_by_entry(ref('stg_segment__tracks'), ['segment_experiment']) }}

),

read as (

    select
        *,
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
    from views

),

named as (

    select
        *,
        coalesce(experiment_name, experiment_id) as experience,
        coalesce(variation_name, variation_id) as variant,
        -- A control is configured by its name or by its id.
        {{ is_control_of_entry(['variation_name', 'variation_id']) }} as is_control
    from read

)

{{ exposures_by_variant('named') }}
