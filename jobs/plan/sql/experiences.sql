-- Of an experience with periods only the latest is worth planning. One that began within the last
-- days has had its traffic since then.
with lifts as (
    select *
    from fct_experience_lift
    where audience_segment = '(all)' and metric = 'conversion_rate'
    qualify period is not distinct from max(period) over (partition by vendor, experience)
),
units as (
    select
        vendor, experience, period, variant, arm,
        count(*) filter (
            where first_exposed_at > as_of() - to_days($days) and first_exposed_at <= as_of()
        ) as recent,
        min(first_exposed_at) as began_at
    from fct_assignments
    where audience_segment = '(all)' and is_counted
    group by all
)
select
    lifts.conversion, lifts.vendor, lifts.experience, lifts.period, lifts.variant,
    lifts.control_mean, lifts.control_visitors, lifts.variant_visitors,
    coalesce(sum(units.recent) filter (where units.arm = 'control'), 0)::double,
    coalesce(sum(units.recent) filter (where units.variant = lifts.variant), 0)::double,
    least($days, greatest(1, epoch(as_of() - min(units.began_at)) / 86400)),
    lifts.minimum_detectable_effect
from lifts
left join units
    on lifts.vendor = units.vendor
    and lifts.experience = units.experience
    and lifts.period is not distinct from units.period
group by all
order by lifts.variant
