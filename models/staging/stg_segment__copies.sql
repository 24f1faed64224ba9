-- One row per message that landed more than once: how many of its copies lost.
select
    message_id,
    count(*) as copies
from {{ source('raw', 'messages') }}
where is_duplicate and reject_reason is null
group by message_id
