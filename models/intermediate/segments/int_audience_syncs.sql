-- One row per Engage audience that messages speak of. Engage computes an audience every
-- two to three hours, so messages under two hours apart are of one sync.
with received as (

    -- What claims to be received later than the run ends no silence.
    select observed.*
    from {{ ref('int_audience_messages') }} as observed
    inner join {{ ref('stg_job__builds') }} as builds
        on observed.received_at <= builds.started_at

),

observed as (

    select
        *,
        occurred_at - lag(occurred_at) over in_order as gap
    from received
    window in_order as (
        partition by audience order by occurred_at, received_at, message_id
    )

),

numbered as (

    select
        *,
        count(*) filter (where gap >= interval 2 hours) over (
            partition by audience order by occurred_at, received_at, message_id
        ) as syncs_before
    from observed

)

select
    audience,
    min(occurred_at) as first_seen_at,
    max(occurred_at) as last_seen_at,
    max(syncs_before) + 1 as syncs,
    epoch(max(gap)) as max_gap_seconds,
    epoch(max(occurred_at) filter (where syncs_before = 0) - min(occurred_at))
        as initial_span_seconds,
    count(*) filter (where is_text) as text_messages
from numbered
group by audience
