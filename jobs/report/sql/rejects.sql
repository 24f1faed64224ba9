-- Rejected rows by file and reason.
select file, reason, count(*) as rejected
from rpt_rejects
group by all
order by rejected desc, file, reason
limit 100
