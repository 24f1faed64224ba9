-- Hashes of the keys that the JSON texts of a sample have, where no object repeats one. Few shapes
-- make up nearly all messages, and a look at the hash of a shape costs a third of a look at its keys.
with

texts as (
    select unnest([{texts}]) as text
    from {sample}
)

select hash(json_object_keys(text)) as shape
from texts
where json_valid(text) and not repeats_a_key(text)
group by shape
order by count(*) desc, shape
limit 200
