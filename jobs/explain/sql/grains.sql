-- The vendors and periods of an experience in one audience segment. A vendor whose every
-- view is outside the periods has no assignment.
select
    vendor,
    period
from fct_assignments
where experience = $experience and audience_segment = $audience_segment
union
select
    vendor,
    null as period
from fct_exposures
where experience = $experience and $audience_segment = '(all)'
group by vendor
having bool_and(outcome <> 'assigned')
order by all
