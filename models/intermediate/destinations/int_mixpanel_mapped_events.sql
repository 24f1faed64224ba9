{{ config(materialized='view') }}
-- One row per message that a mapping of lift.yml makes an event of: those events, in
-- the order of the mappings. Members are null where a mapping sends all properties.
with matches as (

    select
        matches.message_id,
        mappings.mapping_number,
        mappings.mapping,
        matches.mapped_event as event,
        {{ mixpanel_members('matches.mapped_properties') }} as members,
        row_number() over (
            partition by matches.message_id, matches.mapped_event
            order by mappings.mapping_number
        ) > 1 as is_repeated
    from {{ ref('int_trigger_matches') }} as matches
    inner join {{ source('raw', 'config_mixpanel_mappings') }} as mappings
        on matches.trigger_number = mappings.trigger_number
    -- An event without a name is not sent.
    where matches.mapped_event is not null

)

select
    message_id,
    list(struct_pack(
        mapping := mapping,
        event := event,
        members := members,
        is_repeated := is_repeated
    ) order by mapping_number) as events
from matches
group by message_id
