-- One row per observed event that is an exposure of an adapter that lift.yml does not list.
select coalesce(missing_adapter, 'mutiny'), event_name, events
from rpt_conversion_catalog
where missing_adapter is not null
    or ($is_default and kind = 'exposure' and event_name = 'Mutiny Experience Viewed')
order by missing_adapter is not null, events desc, event_name
