{{ config(materialized='view') }}
-- One row per view of a Mutiny experience, complete or not.
{%- set entries = adapter_entries(['mutiny']) %}
with views as (

    select
        message_id,
        source,
        occurred_at,
        received_at,
        {{ message_fields() }},
        {{ json_scalar_text('properties', 'experience') }} as experience,
        {{ json_scalar_text('properties', 'audienceSegment') }} as audience_segment,
        {{ json_scalar_text('properties', 'variation') }} as variation,
        {{ json_kind('properties', 'personalized') }} as personalized_kind,
        {{ json_text('properties', 'personalized') }} as personalized
    from {{ ref('stg_segment__tracks') }}
    where event_name = 'Mutiny Experience Viewed'
        and is_behaviour
        and {{ 'true' if entries else 'false' }}

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
    from views

)

select
    message_id,
    'mutiny' as vendor,
    nullif(experience, '') as experience,
    nullif(audience_segment, '') as audience_segment,
    arm as variant,
    arm,
    variation,
    coalesce(personalized_kind = 'VARCHAR', false) as is_boolean_as_string,
    case
        when coalesce(experience, '') = '' then 'missing_experience'
        when coalesce(audience_segment, '') = '' then 'missing_audience_segment'
        when arm is null then 'unknown_personalized'
    end as incomplete_reason,
    {{ is_expected_source(entries | first) }} as is_expected_source,
    source,
    occurred_at,
    received_at,
    {{ message_fields() }}
from armed
