{{ config(
    materialized='incremental',
    unique_key='file_id',
    affected='int_affected_files',
) }}
-- One row per message that tells of a person's traits or audiences, or that an event
-- predicate of `segments` asks for.
with messages as (

    select
        *,
        case
            when type = 'identify' then traits
            -- Engage tells of an audience in a track call too.
            when type = 'track' and is_engage then properties
        end as observed,
        {%- for column in ['computation_class', 'computation_key'] %}
        case when is_engage
                then nullif({{ json_scalar_text('context', ['personas', column]) }}, '')
        end as {{ column }},
        {%- endfor %}
        case when is_behaviour
                then list_filter([
                        {%- for predicate in var('predicates') %}
                case when {{ predicate['trigger_sql'] }} then struct_pack(
                    predicate := {{ predicate['number'] }},
                    value := {{ predicate['value_sql'] or 'null::varchar' }}
                ) end,
                {%- endfor %}
                        null::struct(predicate integer, value varchar)
                    ], lambda asked: asked is not null)
        end as asked
    from {{ ref('stg_segment__messages') }}
    where not is_excluded and not is_system
    {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

telling as (

    select
        file_id,
        message_id,
        source,
        type,
        event_name,
        occurred_at,
        received_at,
        case when type = 'identify'
                then {{ normalised(json_scalar_text('traits', 'email')) }}
        end as email,
        case
            when type = 'identify' and observed <> '{}' then observed
            -- Even without properties: the name of the event may tell.
            when type = 'track' and computation_class = 'audience' then observed
        end as observed,
        computation_class,
        computation_key,
        asked
    from messages

)

select *
from telling
where observed is not null or len(asked) > 0
