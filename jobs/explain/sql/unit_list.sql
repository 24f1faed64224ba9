-- The units of an experience in one audience segment, one row each. A crossover that the
-- policy leaves out of every figure has converted or not all the same.
select
    assignments.vendor, assignments.experience, assignments.audience_segment,
    assignments.period, assignments.unit_type, assignments.unit_id, assignments.variant,
    assignments.arm, assignments.first_exposed_at, assignments.is_crossover{converted}
from fct_assignments as assignments
left join fct_unit_outcomes as outcomes
    on assignments.vendor = outcomes.vendor
    and assignments.experience = outcomes.experience
    and assignments.audience_segment = outcomes.audience_segment
    and assignments.period is not distinct from outcomes.period
    and assignments.unit_type = outcomes.unit_type
    and assignments.unit_id = outcomes.unit_id
where assignments.experience = {experience}
    and assignments.audience_segment = {audience_segment}
    and ({arm} is null or assignments.arm = {arm})
group by all
order by
    assignments.vendor, assignments.period, assignments.first_exposed_at,
    assignments.unit_id
