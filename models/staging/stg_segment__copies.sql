-- One row per message that landed more than once: how many of its copies lost. A
-- copy is known by the id of its message: no payload is read again.
select
    message_id,
    count(*) as copies
from {{ source('raw', 'messages') }}
where is_duplicate and reject_reason is null
group by message_id
