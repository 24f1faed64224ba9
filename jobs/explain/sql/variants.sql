-- The units of a grain by the variant they count in.
select
    variant,
    arm,
    count(*) as units,
    count(*) filter (where is_crossover) as crossovers,
    sum(impressions)::bigint as impressions,
    count(*) filter (where is_counted) as counted
from fct_assignments
where vendor = $vendor
    and experience = $experience
    and audience_segment = $audience_segment
    and period is not distinct from $period
group by variant, arm
order by arm <> 'control', variant
