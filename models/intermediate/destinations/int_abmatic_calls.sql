{{ config(materialized='view') }}
-- One row per message and kind that Abmatic has a use for: a conversion of lift.yml, its
-- refund included, or a view of Abmatic's own campaigns.
with matches as (

    select * from {{ ref('int_trigger_matches') }}

),

triggers as (

    select * from {{ ref('stg_config__triggers') }}

),

entries as (

    select * from {{ ref('stg_config__exposure_entries') }}

)

select
    matches.file_id,
    matches.message_id,
    case when triggers.conversion is null then 'exposure' else 'conversion' end as kind,
    matches.type,
    matches.original_event_name,
    matches.name,
    matches.anonymous_id,
    matches.occurred_at,
    matches.properties,
    matches.context
from matches
inner join triggers on matches.trigger_number = triggers.trigger_number
left join entries on triggers.entry = entries.entry
where (triggers.conversion is not null or entries.adapter = 'abmatic')
    and coalesce(list_contains(triggers.sources, matches.source), true)
-- A message may be several conversions.
qualify
    row_number() over (
        partition by matches.file_id, matches.message_id, kind
        order by matches.trigger_number
    ) = 1
