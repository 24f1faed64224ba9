-- Mutiny has no tables of messages: what it received is an identify or a track call.
select
    message_id,
    type
from {{ ref('int_mutiny_deliveries') }}
where drop_reason is null and type not in ('identify', 'track')
