-- A trigger asks for the event of a track call; here pages and screens have their name as one.
select {counts}
from (
    select * replace (case when type = 'track' then event_name end as event_name)
    from fct_events
    where is_behaviour
) as messages
