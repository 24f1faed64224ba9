-- Engage audiences: members now and ever, and of how many persons nothing is known.
with persons_ever as (
    select user_segment, count(distinct person_id) as persons
    from fct_user_segment_memberships
    where origin = 'audience'
    group by user_segment
)
select
    syncs.audience, syncs.is_configured, syncs.members, coalesce(persons_ever.persons, 0),
    syncs.unknown_persons, syncs.last_seen_at is not null, coalesce(syncs.is_stale, false)
from rpt_audience_sync as syncs
left join persons_ever on syncs.audience = persons_ever.user_segment
order by not syncs.is_configured, syncs.audience
