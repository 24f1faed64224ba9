{{ config(
    materialized='kept', kept_by=['set_key'], touched='int_exposure_sets_touched'
) }}
-- One row per exposure message of a person and vendor, complete or not, whichever
-- adapter recognised it.
with seen as (

    select *
    from {{ ref('int_exposures_seen') }}
    where is_expected_source
        and {{ only_touched('set_key', 'int_exposure_sets_touched') }}

),

resolved as (

    select
        seen.*,
        {{ person_id() }} as person_id,
        {{ usable_user_id('seen') }} as user_id_unit,
        {{ usable_anonymous_id('seen') }} as anonymous_id_unit
    from seen
    {{- person_joins('seen') }}

)

select
    resolved.message_id,
    resolved.vendor,
    resolved.experience,
    resolved.audience_segment,
    resolved.variant,
    resolved.arm as sent_arm,
    resolved.variation,
    resolved.is_boolean_as_string,
    resolved.incomplete_reason,
    resolved.person_id,
    {{ unit_id('resolved', 'vendor_units') }} as unit_id,
    resolved.event_name,
    resolved.occurred_at,
    resolved.received_at,
    resolved.user_id,
    resolved.anonymous_id,
    resolved.source,
    resolved.set_key
from resolved
inner join {{ ref('stg_config__vendor_units') }} as vendor_units
    on resolved.vendor = vendor_units.vendor
    and resolved.unit_type = vendor_units.unit_type
-- Blocked identifiers alone make no person: such a message is left out of everything.
where resolved.person_id is not null
-- Of the entries of one vendor the first whose unit the message carries counts, else the
-- first: then it is a view without a unit.
qualify
    row_number() over (
        partition by resolved.vendor, resolved.message_id
        order by unit_id is null, resolved.entry
    ) = 1
