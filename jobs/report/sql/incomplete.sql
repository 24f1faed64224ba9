-- Views that lack something, by vendor and reason.
select vendor, reason, count(*) as views
from rpt_incomplete_exposures
group by all
order by vendor, views desc, reason
