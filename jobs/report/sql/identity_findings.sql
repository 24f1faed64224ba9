-- Findings about identity, counted: their subjects are identifiers, which the page leaves out.
select check_name, severity, any_value(remedy order by subject) as remedy,
    count(*) as subjects, sum(finding_count)::bigint as findings
from dq_findings
where check_name in (
    'hub_identifier', 'large_component', 'many_devices', 'shared_device', 'no_person'
)
group by all
order by all
