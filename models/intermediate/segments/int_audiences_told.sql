{{ config(
    materialized='kept', kept_by=['file_id'], touched='int_files_read_changed'
) }}
-- One row per message and Engage audience that it tells of: a boolean trait that Engage
-- calls an audience, that comes from a source of kind engage which does not say
-- otherwise, or that `audiences` lists; or a track call of Engage's.
{%- set listed = text_literals(var('audiences')) %}
with seen as (

    select *
    from {{ ref('int_histories_seen') }}
    where told is not null
        and (
            computation_class is not null
            or source in ({{ engage_sources() }})
            {%- for key in var('audiences') %}
            or contains(told, {{ text_literal(key) }})
            {%- endfor %}
        )
        and {{ only_touched('file_id', 'int_files_read_changed') }}

),

written as (

    select
        seen.*,
        members.key as audience,
        members.type as kind,
        members.value ->> '$' as text
    from seen
    cross join lateral json_each(seen.told) as members
    union all
    -- Where the property of its key is missing, the name of the event tells.
    select
        *,
        computation_key as audience,
        'BOOLEAN' as kind,
        (event_name = 'Audience Entered')::varchar as text
    from seen
    where type = 'track'
        and event_name in ('Audience Entered', 'Audience Exited')
        and not json_exists(
            told, '/' || replace(replace(computation_key, '~', '~0'), '/', '~1')
        )

),

recognised as (

    select *
    from written
    where
        case
            when type = 'identify' and audience in ({{ listed }}) then true
            when computation_class = 'audience'
                then audience = coalesce(computation_key, audience)
            else computation_class is null and source in ({{ engage_sources() }})
        end
        and (kind in ('BOOLEAN', 'NULL') or text in ('true', 'false'))

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
from recognised
