{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files',
    on_schema_change='fail'
) }}
{%- set names = mixpanel_context_fields() | list %}
-- One row per event that a message is to Mixpanel: of its preset, of each mapping that
-- it matches, of each product of an order. All of it follows from the message alone.
-- noqa: disable=RF03,LT02
with calls as (

    select * from {{ ref('int_mixpanel_calls') }}
    {% if is_incremental() %}
    where file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

sent as (

    select
        * exclude (events),
        unnest(events) as sent
    from calls

),

identified as (

    select
        *,
        {{ mixpanel_browser('user_agent') }} as browser,
        {{ mixpanel_browser_version('user_agent', 'browser') }} as browser_version,
        -- Cut to the millisecond: epoch_ms rounds.
        epoch_us(occurred_at) // 1000 - sent.place as time,
        case when sent.place > 0 then (sent.place - 1)::varchar else '' end
        || message_id as insert_id
    from sent

),

described as (

    select
        *,
        {{ json_joined(
            mixpanel_event_members(names), 'sent.members'
        ) }} as properties
    from identified

)

select
    file_id,
    message_id,
    sent.mapping,
    sent.event,
    insert_id,
    time,
    library,
    anonymous_id as device_id,
    user_id,
    occurred_at,
    received_at,
    {{ mixpanel_group_ids('properties') }} as group_ids,
    {{ as_json('properties') }} as properties,
    case
        when claimed_at < timestamp '1971-01-01'
            or claimed_at > received_at + interval '1 hour'
            then 'time_out_of_range'
        when lower(distinct_id) in (
            'anon', 'anonymous', 'nil', 'none', 'null', 'n/a', 'undefined',
            '00000000-0000-0000-0000-000000000000'
        )
            then 'placeholder_distinct_id'
        when not regexp_full_match(insert_id, '[-A-Za-z0-9]{1,36}')
            then 'insert_id_invalid'
        else coalesce(
            {{ mixpanel_property_problem('sent.event', 'properties', 'sent.members') }},
            case when sent.is_repeated then 'duplicate' end
        )
    end as invalid_reason
from described
