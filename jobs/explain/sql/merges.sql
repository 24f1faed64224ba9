-- Whom the person absorbed, and whom those had absorbed before.
with recursive absorbers as (
    select ? as person_id
    union
    select merges.absorbed_person_id
    from absorbers
    inner join fct_identity_merges as merges on absorbers.person_id = merges.person_id
)
select {columns}, count(*) over ()
from fct_identity_merges
where person_id in (from absorbers)
order by occurred_at, absorbed_person_id, message_id
limit {limit}
