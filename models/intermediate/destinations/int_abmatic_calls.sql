{{ config(materialized='view') }}
-- One row per message and kind that Abmatic has a use for: a conversion of lift.yml,
-- its refund included, or a view of Abmatic's own campaigns.
with matches as (

    select * from {{ ref('int_trigger_matches') }}

),

triggers as (

    select * from {{ source('raw', 'config_triggers') }}

),

entries as (

    select * from {{ source('raw', 'config_exposure_entries') }}

),

calls as (

    select
        matches.*,
        case
            when triggers.conversion is null then 'exposure' else 'conversion'
        end as call_kind
    from matches
    inner join triggers on matches.trigger_number = triggers.trigger_number
    left join entries on triggers.entry = entries.entry
    where (triggers.conversion is not null or entries.adapter = 'abmatic')
        and coalesce(list_contains(triggers.sources, matches.source), true)

)

select
    file_id,
    message_id,
    call_kind as kind,
    type,
    original_event_name,
    name,
    anonymous_id,
    occurred_at,
    properties,
    context
from calls
-- A message may be several conversions.
qualify
    row_number() over (
        partition by file_id, message_id, call_kind order by trigger_number
    ) = 1
