{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per message and Engage audience that it speaks of: a boolean trait that
-- Engage calls an audience, that comes from a source of kind engage which does not say
-- otherwise, or that `audiences` lists; or a track call of Engage's.
with listed as (

    select audience from {{ source('raw', 'config_audiences') }}

),

engage_sources as (

    select source from {{ source('raw', 'config_sources') }}
    where kind = 'engage'

),

keys as (

    select list(listed.audience) as audiences from listed

),

seen as (

    -- Looking for a key first spares most messages the parser; one may also be written
    -- in escapes.
    select histories.*
    from {{ ref('int_history_messages') }} as histories
    cross join keys
    where histories.observed is not null
        and (
            histories.computation_class is not null
            or histories.source in (select engage_sources.source from engage_sources)
            or list_bool_or(list_transform(
                keys.audiences, lambda audience: contains(histories.observed, audience)  -- noqa: LT05,RF02
            ))
            or (keys.audiences is not null and contains(histories.observed, '\'))
        )
    {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

written as (

    select
        seen.*,
        members.key as audience,
        members.type as kind,
        members.value ->> '$' as text
    from seen
    cross join lateral json_each(seen.observed) as members
    where members.type in ('BOOLEAN', 'NULL')
        or (members.type = 'VARCHAR' and members.value ->> '$' in ('true', 'false'))

),

matched as (

    select *
    from written
    where
        (type = 'identify' and audience in (select listed.audience from listed))
        or (
            computation_class = 'audience'
            and audience = coalesce(computation_key, audience)
        )
        or (
            type = 'identify'
            and coalesce(computation_class, 'audience') = 'audience'
            and source in (select engage_sources.source from engage_sources)
        )

),

-- Where the property of its key tells nothing, the name of the event does.
named as (

    select
        *,
        computation_key as audience,
        'BOOLEAN' as kind,
        (event_name = 'Audience Entered')::varchar as text
    from seen
    where type = 'track' and computation_key is not null
        and event_name in ('Audience Entered', 'Audience Exited')
        and message_id not in (
            select matched.message_id
            from matched
            where matched.audience = matched.computation_key
        )

),

observed as (

    select * from matched
    union all
    select * from named

)

select
    file_id,
    message_id,
    source,
    type,
    occurred_at,
    received_at,
    audience,
    coalesce(text = 'true', false) as is_member,
    kind = 'VARCHAR' as is_text,
    kind = 'NULL' as is_removal
from observed
