{{ config(
    materialized='kept', kept_by=['set_key'], touched='int_exposure_sets_touched'
) }}
-- One row per exposure message of a person, complete or not, whichever adapter
-- recognised it.
with seen as (

    select *
    from {{ ref('int_exposures_seen') }}
    where {{ only_touched('set_key', 'int_exposure_sets_touched') }}

)

select
    seen.message_id,
    seen.vendor,
    seen.experience,
    seen.audience_segment,
    seen.variant,
    seen.arm,
    seen.variation,
    seen.is_boolean_as_string,
    seen.incomplete_reason,
    {{ person_id() }} as person_id,
    {{ exposed_unit('seen') }} as unit_id,
    seen.occurred_at,
    seen.received_at,
    seen.user_id,
    seen.anonymous_id,
    seen.source,
    seen.set_key
from seen
{{ person_joins('seen') }}
-- Blocked identifiers alone make no person: such a message stands outside everything.
where {{ person_id() }} is not null
    and seen.is_expected_source
