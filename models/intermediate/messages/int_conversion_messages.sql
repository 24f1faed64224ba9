{{ config(
    materialized='incremental',
    unique_key='file_id',
    affected='int_affected_files',
    delta=true,
) }}
-- One row per conversion and message that makes it or refunds it. Excluded messages are
-- kept with their flag: a vendor counts them (int_bridge_conversions).
with matches as (

    select *
    from {{ ref('int_trigger_matches') }}
    where (is_behaviour or is_excluded)
    {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

matched as (

    select
        triggers.conversion,
        matches.file_id,
        matches.message_id,
        matches.source,
        matches.type,
        {{ event_or_page_name('matches') }} as event_name,
        matches.occurred_at,
        matches.received_at,
        matches.anonymous_id,
        matches.user_id,
        matches.is_excluded,
        matches.context,
        matches.integrations,
        md5({{ json_comparable('matches.properties', "'OBJECT'") }})::uuid
            as properties_key,
        triggers.kind = 'refund' as is_refund,
        -- A refund is taken negative, however it was sent.
        case triggers.kind
            when 'refund' then -abs(matches.value_units) else matches.value_units
        end as value_units,
        matches.value_kind,
        -- usd and " USD" are one currency, an empty text is none.
        nullif(upper({{ normalised('matches.currency') }}), '') as currency,
        -- An empty text is not a value, and nothing collapses on it.
        nullif(matches.distinct_value, '') as distinct_value
    from matches
    inner join {{ source('raw', 'config_triggers') }} as triggers
        on matches.trigger_number = triggers.trigger_number
    where triggers.conversion is not null
        and coalesce(list_contains(triggers.sources, matches.source), true)

)

select
    * exclude (value_kind),
    -- What stands where the value should, and is not read as one.
    case
        when value_units is not null or coalesce(value_kind, 'NULL') = 'NULL' then null
        when {{ json_type_name('value_kind') }} = 'number' then 'value_out_of_range'
        else 'value_not_a_number'
    end as value_problem,
    -- What collapses into one conversion: of one value; without one, a message alone.
    md5(to_json([
        conversion, is_refund::varchar, {{ collapsing_value() }}
    ])::varchar)::uuid as distinct_key
from matched
