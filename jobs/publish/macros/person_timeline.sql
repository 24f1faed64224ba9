-- The parameter must not have the name of a column that the view rpt_journey reads.
create or replace macro person_timeline(person) as table
select
    steps.seq, steps.occurred_at, steps.kind, steps.label, steps.detail, steps.source,
    steps.message_id
from rpt_journey as steps
where steps.person_id = person
order by steps.seq;

comment on macro table person_timeline is
'One row per step of a person (a person_id), in order: pages, exposures, changed traits and conversions.';
