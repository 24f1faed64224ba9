-- One row per finding about the scripts that vendors need on the websites connected to
-- them.
with websites as (

    select
        destinations.vendor,
        sources.source
    from {{ source('raw', 'config_destinations') }} as destinations
    cross join {{ source('raw', 'config_sources') }} as sources
    where destinations.vendor in ('mutiny', 'abmatic')
        and destinations.is_named
        and destinations.is_active
        and sources.kind = 'website'
        and coalesce(list_contains(sources.destinations, destinations.vendor), true)

),

volumes as (

    select * from {{ ref('int_message_volumes') }}

),

calls as (

    select
        source,
        sum(messages) as messages,
        sum(messages) filter (where type = 'page') as pages
    from volumes
    where is_behaviour and type in ('page', 'track')
    group by source

),

views as (

    select
        source,
        vendor
    from {{ ref('int_exposure_messages') }}
    group by source, vendor
    union
    select
        source,
        adapter as vendor
    from volumes
    where adapter is not null

),

files as (

    select
        file_id,
        source
    from volumes
    group by file_id, source

),

visitors as (

    -- Where Mutiny ties its visitor to an anonymous id.
    select files.source
    from {{ ref('int_message_identifiers') }} as messages
    inner join files on messages.file_id = files.file_id
    where messages.anonymous_id is not null and messages.mutiny_visitor_id is not null
    group by files.source

)

select
    'abmatic_script_missing' as check_name,
    'warning' as severity,
    websites.source as subject,
    'page and track calls, but no view of an Abmatic campaign' as detail,
    calls.messages::bigint as finding_count
from websites
inner join calls on websites.source = calls.source
where websites.vendor = 'abmatic'
    and not exists (
        select 1 from views
        where views.source = websites.source and views.vendor = 'abmatic'
    )
union all
select
    'mutiny_js_missing' as check_name,
    'warning' as severity,
    websites.source as subject,
    'page calls, but neither a view of Mutiny nor a mutinyVisitorId' as detail,
    calls.pages::bigint as finding_count
from websites
inner join calls on websites.source = calls.source
where websites.vendor = 'mutiny'
    and calls.pages > 0
    and websites.source not in (select visitors.source from visitors)
    and not exists (
        select 1 from views
        where views.source = websites.source and views.vendor = 'mutiny'
    )
union all
select
    'no_website_identity' as check_name,
    'warning' as severity,
    vendor as subject,
    'no website connected to it sends an anonymousId with a mutinyVisitorId;'
    || ' Mutiny cannot tell who its visitors are' as detail,
    1 as finding_count
from {{ source('raw', 'config_destinations') }}
where vendor = 'mutiny'
    and is_named
    and is_active
    and not exists (
        select 1 from websites
        inner join visitors on websites.source = visitors.source
        where websites.vendor = 'mutiny'
    )
