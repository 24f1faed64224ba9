-- What became of the views of each experience, over all its periods.
select
    vendor,
    experience,
    period,
    outcome,
    count(*) as messages
from fct_exposures
group by all
order by all
