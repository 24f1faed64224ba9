-- One row per distinct id that Mixpanel counts under another one.
with recursive identities as (

    select
        {{ text_literal(mixpanel_device_prefix()) }} || anonymous_id as distinct_id,
        identified_id,
        occurred_at,
        received_at,
        message_id
    from {{ ref('int_mixpanel_identities') }}
    where kind <> if(
            '{{ var('mixpanel')['identity_merge'] }}' = 'original', 'event', 'alias'
        )

),

links as (

    -- The first call that tells of an id wins, for all time.
    select
        distinct_id,
        identified_id,
        row_number() over (order by occurred_at, received_at, message_id) as place
    from identities
    where distinct_id <> identified_id
    qualify row_number() over (
            partition by distinct_id order by occurred_at, received_at, message_id
        ) = 1

),

chains as (

    -- From an id along the links, until one leads nowhere or back.
    select
        distinct_id,
        identified_id as canonical_id,
        place as last_place,
        [distinct_id] as passed
    from links
    union all
    select
        chains.distinct_id,
        links.identified_id as canonical_id,
        greatest(chains.last_place, links.place) as last_place,
        list_append(chains.passed, links.distinct_id) as passed
    from chains
    inner join links on chains.canonical_id = links.distinct_id
    where not list_contains(chains.passed, chains.canonical_id)

),

circles as (

    -- The link that closed a circle does not count.
    select
        distinct_id,
        last_place as place
    from chains
    where canonical_id = distinct_id

),

counted as (

    select links.*
    from links
    left join circles
        on links.distinct_id = circles.distinct_id and links.place = circles.place
    where circles.distinct_id is null

),

followed as (

    select
        distinct_id,
        identified_id as canonical_id,
        1 as links
    from counted
    union all
    select
        followed.distinct_id,
        counted.identified_id as canonical_id,
        followed.links + 1 as links
    from followed
    inner join counted on followed.canonical_id = counted.distinct_id

)

select
    distinct_id,
    canonical_id
from followed
qualify row_number() over (partition by distinct_id order by links desc) = 1
