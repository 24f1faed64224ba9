-- In the order in which a destination asks: active, connected, region, consent, integrations
-- object, call type, then what it asks itself.
select
    destination,
    source,
    reason,
    sum(messages)::bigint as messages
from rpt_delivery_summary
group by destination, source, reason
order by
    destination,
    source,
    coalesce(
        array_position(
            [
                'destination_inactive', 'source_not_connected', 'region_mismatch', 'consent',
                'integrations_object', 'unsupported_type'
            ],
            reason
        ),
        7
    ),
    reason
