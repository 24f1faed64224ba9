select distinct
    business as vendor,
    experiment::varchar as experience,
    null::date as period,
    date '2026-01-01' + day::integer as as_of_date
from drawn_sums
