insert into raw.tombstones
select *, now() at time zone 'UTC' as erased_at
from (
    select unnest($digests), unnest($starts::timestamp[]), unnest($ends::timestamp[])
    except
    select identifier_hash, owned_from, owned_to
    from raw.tombstones
)
