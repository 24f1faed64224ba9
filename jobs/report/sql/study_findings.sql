-- The findings about an experience: their subject begins with its vendor and name.
select
    studies.vendor,
    studies.experience,
    studies.period,
    dq_findings.check_name,
    dq_findings.severity,
    dq_findings.subject,
    dq_findings.detail,
    dq_findings.remedy,
    dq_findings.finding_count
from dim_experiences as studies
inner join dq_findings
    on dq_findings.subject = studies.vendor || ' / ' || studies.experience
    or starts_with(
        dq_findings.subject, studies.vendor || ' / ' || studies.experience || ' / '
    )
where studies.audience_segment = '(all)'
order by
    studies.vendor, studies.experience, studies.period,
    list_position(['error', 'warning', 'info'], dq_findings.severity),
    dq_findings.check_name, dq_findings.subject, dq_findings.detail
