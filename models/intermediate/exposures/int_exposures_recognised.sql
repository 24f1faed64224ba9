{{ config(
    materialized='incremental',
    unique_key='set_key',
    affected='int_exposure_sets_touched',
    delta=true,
) }}
-- One row per exposure message of a person and vendor, complete or not, whichever
-- adapter recognised it.
with seen as (

    select *
    from {{ ref('int_exposures_seen') }}
    where is_expected_source
        {% if is_incremental() %}
        and set_key in (
            select set_key from {{ ref('int_exposure_sets_touched') }}
        )
        {% endif %}

),

resolved as (

    select
        seen.*,
        {{ person_id() }} as person_id,
        {{ exposed_unit('seen') }} as unit_id
    from seen
    {{- person_joins('seen') }}

)

select
    message_id,
    vendor,
    experience,
    audience_segment,
    variant,
    arm as sent_arm,
    variation,
    is_boolean_as_string,
    incomplete_reason,
    person_id,
    unit_id,
    event_name,
    occurred_at,
    received_at,
    user_id,
    anonymous_id,
    source,
    set_key
from resolved
-- Blocked identifiers alone make no person: such a message is left out of everything.
where person_id is not null
{%- if vendors_of_several_types() %}
-- Of the entries of one vendor the first whose unit the message carries counts, else the
-- first: then it is a view without a unit.
qualify row_number() over (
    partition by vendor, message_id order by unit_id is null, entry
) = 1
{%- endif %}
