-- What Mixpanel received has rows in its tables, and what was dropped has none. What an
-- identify or group call wrote, a later call may have replaced: then its profile is
-- there.
with deliveries as (

    select
        deliveries.message_id,
        deliveries.drop_reason is null as is_delivered,
        case messages.type
            when 'identify' then coalesce(messages.user_id, messages.anonymous_id)
            when 'group' then {{ mixpanel_group_id('messages') }}
        end as profile_id
    from {{ ref('int_mixpanel_deliveries') }} as deliveries
    inner join {{ ref('stg_segment__messages') }} as messages
        on deliveries.file_id = messages.file_id
        and deliveries.row_number = messages.row_number

),

writers as (

    select message_id from {{ ref('mixpanel_events') }}
    union
    select message_id from {{ ref('mixpanel_identities') }}
    union
    select message_id from {{ ref('mixpanel_profiles') }}
    union
    select message_id from {{ ref('mixpanel_groups') }}

),

profiles as (

    select distinct_id as profile_id from {{ ref('mixpanel_profiles') }}
    union
    select group_id as profile_id from {{ ref('mixpanel_groups') }}

)

select deliveries.*
from deliveries
left join writers on deliveries.message_id = writers.message_id
left join profiles on deliveries.profile_id = profiles.profile_id
where deliveries.is_delivered <> (
        writers.message_id is not null
        or (deliveries.is_delivered and profiles.profile_id is not null)
    )
union all
select
    writers.message_id,
    null as is_delivered,
    null as profile_id
from writers
left join deliveries on writers.message_id = deliveries.message_id
where deliveries.message_id is null
