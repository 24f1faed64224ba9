-- By whom a person was absorbed, and by whom that one was.
with recursive absorbed as (
    select * from fct_identity_merges where absorbed_person_id = ?
    union
    select merges.*
    from absorbed
    inner join fct_identity_merges as merges on absorbed.person_id = merges.absorbed_person_id
)
select {columns}
from absorbed
order by occurred_at, absorbed_person_id, message_id
