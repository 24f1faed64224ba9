-- The units that the test of the sample ratio counts, by variant.
select variant, count(*)
from fct_assignments
where vendor = $vendor
    and experience = $experience
    and audience_segment = $audience_segment
    and period is not distinct from $period
    and not is_crossover
group by variant, arm
order by arm <> 'control', variant
