select
    'exposure' as kind,
    vendor || ' / ' || experience || coalesce(' / ' || audience_segment, '') as subject,
    variant as detail
from fct_exposures
where message_id = $message_id
union all
select
    'incomplete exposure' as kind,
    vendor as subject,
    reason as detail
from rpt_incomplete_exposures
where message_id = $message_id
union all
select
    'conversion' as kind,
    conversion as subject,
    value::varchar as detail
from fct_conversions
where message_id = $message_id
order by all
