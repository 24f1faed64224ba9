-- One row per Engage audience that was observed or is listed under `audiences`.
with audiences as (

    select
        audience,
        true as is_configured
    from {{ source('raw', 'config_audiences') }}
    union all
    select
        audience,
        false as is_configured
    from {{ ref('int_audience_syncs') }}

),

listed as (

    select
        audience,
        bool_or(is_configured) as is_configured
    from audiences
    group by audience

),

known as (

    select
        told.audience,
        count(distinct placed.person_id) as persons
    from {{ ref('int_audience_messages') }} as told
    inner join {{ ref('int_person_histories') }} as placed
        on told.message_id = placed.message_id
    group by told.audience

),

everybody as (

    select count(*) as persons
    from {{ ref('dim_persons') }}

)

select
    listed.audience,
    listed.is_configured,
    syncs.first_seen_at,
    syncs.last_seen_at,
    coalesce(syncs.syncs, 0) as syncs,
    syncs.max_gap_seconds,
    syncs.initial_span_seconds,
    coalesce(sizes.current_size, 0) as members,
    everybody.persons - coalesce(known.persons, 0) as unknown_persons,
    -- Engage syncs every two to three hours.
    as_of.as_of - syncs.last_seen_at > interval 6 hours as is_stale
from listed
cross join everybody
cross join {{ ref('int_as_of') }} as as_of
left join {{ ref('int_audience_syncs') }} as syncs
    on listed.audience = syncs.audience
left join known
    on listed.audience = known.audience
left join {{ ref('dim_user_segments') }} as sizes
    on listed.audience = sizes.user_segment and sizes.origin = 'audience'
