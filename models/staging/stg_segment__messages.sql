-- One row per message: the copy that counts of every accepted message, with the time it
-- happened.
with timed as (

    select
        *,
        case
            when given_at is not null then given_at
            when not has_timestamp then received_at - (sent_at - original_at)
            -- Before 2000 only its text is left.
            when regexp_matches(given_at_text, '^(0\d|1\d)\d\d-')
                then {{ early_time('given_at_text') }}
        end as claimed_at
    from {{ source('raw', 'messages') }}
    where reject_reason is null and not is_duplicate

),

judged as (

    select
        *,
        case
            when has_timestamp and given_at is null then 'unparsable'
            when claimed_at is null then 'received'
            when claimed_at < timestamp '2000-01-01' then 'unparsable'
            when claimed_at > received_at + to_seconds({{ var('future_skew_seconds') }})
                then 'future'
            when has_timestamp then 'given'
            else 'computed'
        end as timestamp_quality
    from timed

),

placed as (

    select
        judged.* exclude (received_at, source),
        case
            -- A computed time may lie past what other tools read.
            when judged.timestamp_quality in ('given', 'computed')
                then least(judged.claimed_at, timestamp '9999-12-31 23:59:59.999999')
            else judged.received_at
        end as occurred_at,
        -- A message without a receipt was received when it happened.
        coalesce(judged.received_at, judged.claimed_at) as received_at,
        coalesce(source_keys.source, judged.source) as source
    from judged
    left join {{ source('raw', 'config_source_keys') }} as source_keys
        on judged.source = source_keys.landed_as

),

named as (

    select
        placed.* exclude (event),
        coalesce(placed.event, event_tables.event, event_tables.event_table) as event,
        event_aliases.canonical_name
    from placed
    left join {{ ref('stg_segment__event_tables') }} as event_tables
        on placed.event_table = event_tables.event_table
    left join {{ source('raw', 'config_event_aliases') }} as event_aliases
        on coalesce(placed.event, event_tables.event, event_tables.event_table)
        = event_aliases.event_name

),

spelled as (

    select
        * exclude (
            event, canonical_name, anonymous_id, user_id, context, integrations,
            properties, traits
        ),
        -- An empty id is none.
        nullif(anonymous_id, '') as anonymous_id,
        nullif(user_id, '') as user_id,
        event as original_event_name,
        -- A renamed event keeps its history under one name.
        case when type = 'track' then coalesce(canonical_name, event) end as event_name,
        coalesce({{ with_spelled_keys('context') }}, '{}') as context,
        coalesce({{ with_spelled_keys('integrations') }}, '{}') as integrations,
        coalesce({{ with_spelled_keys('properties') }}, '{}') as properties,
        coalesce({{ with_spelled_keys('traits') }}, '{}') as traits
    from named

),

classified as (

    select
        *,
        -- Segment's own traffic: no behaviour, and no person.
        type = 'delete' or coalesce(
            event_name in (
                'Violation Generated', 'Segment Consent Preference Updated'
            ),
            false
        ) as is_system,
        -- Engage's messages name the computation that made them. Looking for the word
        -- first spares most messages the parser; a key may also be written in escapes.
        case
            when contains(context, '"personas"') or contains(context, '\u')
                then coalesce({{ json_kind('context', 'personas') }} = 'OBJECT', false)
            else false
        end as is_engage,
        {{ is_excluded() }} as is_excluded
    from spelled

)

select
    file_id,
    row_number,
    source,
    message_id,
    type,
    event_name,
    original_event_name,
    name,
    category,
    channel,
    anonymous_id,
    user_id,
    group_id,
    previous_id,
    occurred_at,
    received_at,
    claimed_at,
    timestamp_quality,
    is_system,
    is_engage,
    is_excluded,
    not is_system and not is_engage and not is_excluded as is_behaviour,
    properties,
    traits,
    context,
    integrations,
    unsound_objects,
    repairs,
    coalesce(is_reused, false) as is_reused,
    is_flattened
from classified
