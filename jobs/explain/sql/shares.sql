-- The audience segments of an experience by the personalized share of the units that the
-- test of the sample ratio counts.
select
    audience_segment,
    count(*) filter (where arm = 'personalized') / count(*) as personalized_share
from fct_assignments
where vendor = $vendor
    and experience = $experience
    and period is not distinct from $period
    and audience_segment <> '(all)'
    and not is_crossover
group by audience_segment
order by personalized_share, audience_segment
