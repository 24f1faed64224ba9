select check_name, subject, detail, remedy, finding_count
from dq_findings
where severity = 'error'
order by all
