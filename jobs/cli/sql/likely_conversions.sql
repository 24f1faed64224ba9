-- Likeliest first: names that Segment specifies as the end of a funnel, then by persons.
select event_name, persons
from rpt_conversion_catalog
where type = 'track' and kind = 'event' and not is_configured and length(event_name) <= 100
order by
    regexp_matches(
        event_name,
        '(?i)(signed up|completed|purchased|subscribed|requested|booked|submitted|trial started'
        || '|account created|upgraded|activated)'
    ) desc,
    regexp_matches(event_name, '(?i)(step|viewed|clicked|opened|started$)'),
    persons desc,
    event_name
