-- One row per finding about event names: what lift.yml asks for and what is sent.
with expected as (

    select * from {{ source('raw', 'config_expected_events') }}

),

sent as (

    select
        event_name,
        type,
        sum(messages) as messages
    from {{ ref('int_message_volumes') }}
    where is_behaviour and event_name is not null
    group by event_name, type

),

missing as (

    select
        configured.conversion as subject,
        'no message matches this conversion' as detail
    from {{ source('raw', 'config_conversions') }} as configured
    where not exists (
            select 1
            from {{ ref('int_resolved_conversions') }} as recognised
            where recognised.conversion = configured.conversion
                and not recognised.is_refund
        )
    union all
    select
        'exposures: ' || entries.vendor as subject,
        'no message matches the trigger of these exposures' as detail
    from {{ source('raw', 'config_exposure_entries') }} as entries
    where entries.adapter in ('abmatic', 'custom')
        and not exists (
            select 1
            from {{ ref('int_exposure_messages') }} as seen
            where seen.vendor = entries.vendor and seen.is_excluded is not true
        )
    group by entries.vendor

),

near as (

    select
        missing.subject,
        '"' || sent.event_name || '" (' || case sent.type
            when 'track' then '' else sent.type || ', '
        end || sent.messages || ')' as described,
        expected.event_name = sent.event_name as is_same,
        row_number() over (
            partition by missing.subject
            order by
                {{ name_distance('expected.event_name', 'sent.event_name') }} asc,
                sent.messages desc, sent.event_name asc, sent.type asc
        ) as place
    from missing
    inner join expected on missing.subject = expected.subject
    inner join sent
        on {{ is_near_name('expected.event_name', 'sent.event_name') }}

)

select
    'expected_event_missing' as check_name,
    'warning' as severity,
    missing.subject,
    missing.detail || case
        when bool_or(near.is_same) then '; sent, but otherwise than it asks for: '
        when count(near.subject) > 0 then '; the nearest names sent: '
        else ''
    end || coalesce(string_agg(near.described, ', ' order by near.place), '') as detail,
    1 as finding_count
from missing
left join near on missing.subject = near.subject and near.place <= 3
group by missing.subject, missing.detail
union all
select
    'exposures_not_configured' as check_name,
    'warning' as severity,
    event_name as subject,
    'views of experiences that the adapter ' || adapter
    || ' reads, but exposures in lift.yml does not list it: they count nowhere'
        as detail,
    messages as finding_count
from {{ ref('int_exposures_unconfigured') }}
union all
select
    'too_many_events' as check_name,
    'warning' as severity,
    'track' as subject,
    'event names, more than naming.max_event_names; the newest may hold ids' as detail,
    count(distinct event_name) as finding_count
from sent
where type = 'track'
having count(distinct event_name) > {{ var('max_event_names') }}
