{{ config(materialized='view') }}
-- One row per treatment that Split served and type of unit that an entry asks for,
-- complete or not.
{%- set baselines = {} %}
{%- for entry in numbered_entries() if entry['adapter'] == 'split' %}
    {%- set baseline = entry.get('baseline') or {} %}
    {#- `*` stands for every flag without a baseline of its own. #}
    {%- do baselines.update({entry['number']: looked_up(
        'experience', baseline, text_literal(baseline.get('*', 'off'))
    )}) %}
{%- endfor %}
with views as (

    {{ views_by_entry(ref('stg_segment__tracks'), ['split']) }}

),

treatments as (

    select
        *,
        {{ first_property(['split']) }} as experience,
        null::varchar as audience_segment,
        {{ first_property(['treatment']) }} as variant,
        {{ first_property(['environmentName']) }} as environment
    from views

),

served as (

    select
        *,
        variant = {{ by_number('entry', baselines, "'off'") }} as is_control
    from treatments
    where {{ is_served('variant', 'environment') }}

)

{{ exposures_by_variant('served') }}
