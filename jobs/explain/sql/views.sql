-- What became of the views of an experience in one audience segment, for one period.
select
    list(distinct unit_type order by unit_type) filter (where unit_type is not null)
        as unit_types,
    count(*) as views,
    count(*) filter (where outcome = 'outside_periods') as outside_periods,
    count(*) filter (where outcome = 'assigned' and period is distinct from $period)
        as in_other_periods,
    count(*) filter (where outcome = 'without_unit') as without_unit,
    count(*) filter (where outcome = 'assigned' and period is not distinct from $period)
        as impressions,
    min(exposed_at) as first_exposed_at,
    max(exposed_at) as last_exposed_at
from fct_exposures
where vendor = $vendor
    and experience = $experience
    and $audience_segment in ('(all)', assigned_segment)
