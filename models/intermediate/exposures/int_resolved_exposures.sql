{{ config(
    materialized='incremental',
    unique_key='combination_key',
    affected='int_combinations_to_resolve',
) }}
-- One row per exposure message of a person and vendor, complete or not, whichever
-- adapter recognised it.
with message_persons as (

    select *
    from {{ ref('int_message_persons') }}
    where person_id is not null
    {% if is_incremental() %}
        and combination_key in (
            select combination_key from {{ ref('int_combinations_to_resolve') }}
        )
    {% endif %}

),

resolved as (

    select
        messages.message_id,
        messages.vendor,
        messages.entry,
        messages.experience,
        messages.audience_segment,
        messages.variant,
        messages.arm as sent_arm,
        messages.variation,
        messages.is_boolean_as_string,
        messages.incomplete_reason,
        message_persons.person_id,
        {{ unit_id('message_persons', 'vendor_units') }} as unit_id,
        messages.event_name,
        messages.occurred_at,
        messages.received_at,
        messages.user_id,
        messages.anonymous_id,
        messages.source,
        message_persons.combination_key
    from {{ ref('int_exposure_messages') }} as messages
    -- Blocked identifiers alone make no person: such a message is left out of
    -- everything.
    inner join message_persons on messages.message_id = message_persons.message_id
    inner join {{ source('raw', 'config_vendor_units') }} as vendor_units
        on messages.vendor = vendor_units.vendor
        and messages.unit_type = vendor_units.unit_type
    where messages.is_expected_source
        and messages.is_excluded is not true

)

select * exclude (entry)
from resolved
-- Of the entries of one vendor the first whose unit the message carries counts, else
-- the first: then it is a view without a unit.
qualify
    row_number() over (
        partition by vendor, message_id order by unit_id is null, entry
    ) = 1
