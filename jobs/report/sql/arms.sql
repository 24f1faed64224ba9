-- The units of each variant, and how many of them are counted.
select
    vendor,
    experience,
    period,
    variant,
    arm,
    count(*) as units,
    count(*) filter (where is_crossover) as crossovers,
    count(*) filter (where is_counted) as counted
from fct_assignments
where audience_segment = '(all)'
group by vendor, experience, period, variant, arm
order by vendor, experience, period, arm <> 'control', variant
