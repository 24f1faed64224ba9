-- Mutiny has no tables of messages: what it received is an identify or a track call.
select
    message_id,
    type
from {{ ref('fct_events') }}
where mutiny_delivery = 'delivered' and type not in ('identify', 'track')
