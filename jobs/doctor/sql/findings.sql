select severity, check_name, finding_count, subject, detail, remedy
from dq_findings
order by
    array_position(['error', 'warning', 'info'], severity),
    check_name,
    finding_count desc,
    subject,
    detail
