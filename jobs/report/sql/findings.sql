-- Findings by check and detail, the severe first, with the twenty subjects that have most.
select
    check_name,
    severity,
    remedy,
    sum(finding_count)::bigint as findings,
    count(*) as subjects,
    list(
        {'subject': subject, 'detail': detail, 'count': finding_count}
        order by finding_count desc, subject, detail
    )[:20] as shown
from dq_findings
group by check_name, severity, remedy
order by list_position(['error', 'warning', 'info'], severity), check_name, remedy
