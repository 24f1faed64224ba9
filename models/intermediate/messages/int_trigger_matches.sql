{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per message and trigger of lift.yml that it fires, of a conversion, a refund,
-- an entry of `exposures:` or a mapping of a destination, with what the paths beside
-- the trigger read. Triggers and paths are SQL compiled from FQL: this is the one model
-- that is made of them. A destination knows nothing of our filters, so messages that
-- are not behaviour fire triggers too.
with messages as (

    select *
    from {{ ref('stg_segment__messages') }}
    {% if is_incremental() %}
    where file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

fired as (

    select
        *,
        list_filter([
            {%- for trigger in var('triggers') %}
            case when {{ trigger['sql'] }} then {{ loop.index0 }} end,
            {%- endfor %}
            null::integer
        ], lambda number: number is not null) as trigger_numbers
    from messages

),

matches as (

    select
        * exclude (trigger_numbers),
        unnest(trigger_numbers) as trigger_number
    from fired
    where len(trigger_numbers) > 0

)

select
    trigger_number,
    file_id,
    message_id,
    source,
    type,
    event_name,
    original_event_name,
    name,
    channel,
    group_id,
    user_id,
    anonymous_id,
    occurred_at,
    received_at,
    is_behaviour,
    -- By `exclude:` alone: nothing else keeps it from being behaviour.
    is_excluded and not is_system and not is_engage as is_excluded,
    properties,
    context,
    integrations,
    {{ read_by_trigger('value_units') }}::bigint as value_units,
    {{ read_by_trigger('value_kind') }}::varchar as value_kind,
    {{ read_by_trigger('currency') }}::varchar as currency,
    {{ read_by_trigger('distinct_value') }}::varchar as distinct_value,
    {{ read_by_trigger('experience') }}::varchar as experience,
    {{ read_by_trigger('audience_segment') }}::varchar as audience_segment,
    {{ read_by_trigger('variants') }}::varchar[] as variants,
    {{ read_by_trigger('variation') }}::varchar as variation,
    {{ read_by_trigger('environment') }}::varchar as environment,
    {{ read_by_trigger('mapped_event') }}::varchar as mapped_event,
    {{ read_by_trigger('mapped_properties') }}::varchar as mapped_properties
from matches
