{{ config(materialized='view') }}
-- One row per view of a Mutiny experience and type of unit that an entry asks for,
-- complete or not.
with views as (

    {{ views_by_entry(ref('stg_segment__tracks'), ['mutiny']) }}

),

named as (

    select
        message_id,
        vendor,
        entry,
        unit_type,
        is_expected_source,
        source,
        occurred_at,
        received_at,
        {{ message_fields() }},
        {{ first_property(['experience']) }} as experience,
        {{ first_property(['audienceSegment']) }} as audience_segment,
        {{ json_scalar_text('properties', 'variation') }} as variation,
        {{ json_kind('properties', 'personalized') }} as personalized_kind,
        {{ json_text('properties', 'personalized') }} as personalized
    from views

),

armed as (

    select
        *,
        -- Mutiny sends a boolean; "true" and "false" count, with a finding. Nothing
        -- else is an arm.
        case
            when personalized_kind not in ('BOOLEAN', 'VARCHAR') then null
            when personalized = 'true' then 'personalized'
            when personalized = 'false' then 'control'
        end as arm
    from named

)

select
    message_id,
    vendor,
    entry,
    unit_type,
    experience,
    audience_segment,
    arm as variant,
    arm,
    variation,
    coalesce(personalized_kind = 'VARCHAR', false) as is_boolean_as_string,
    case
        when experience is null then 'missing_experience'
        when audience_segment is null then 'missing_audience_segment'
        when arm is null then 'unknown_personalized'
        when {{ has_reserved_name(['experience', 'audience_segment']) }}
            then 'reserved_name'
    end as incomplete_reason,
    is_expected_source,
    source,
    occurred_at,
    received_at,
    {{ message_fields() }}
from armed
