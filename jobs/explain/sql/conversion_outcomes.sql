-- What became of a conversion, by vendor and type of unit: first in each grain that its
-- unit was exposed in, then everywhere else.
select
    conversion,
    vendor,
    unit_type,
    unit_id,
    experience,
    audience_segment,
    period,
    variant,
    arm,
    outcome
from fct_conversion_outcomes
where message_id = ?
order by
    conversion, vendor, unit_type, experience = '(none)', experience,
    audience_segment <> '(all)', audience_segment, period
