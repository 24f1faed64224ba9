-- The main conversion rate by breakdown, among everybody.
select
    vendor,
    experience,
    period,
    variant,
    breakdown,
    value,
    control_visitors,
    control_mean,
    variant_visitors,
    variant_mean,
    lift,
    lift_ci_lower,
    lift_ci_upper,
    is_small
from rpt_lift_by_breakdown
where is_main and metric = 'conversion_rate' and audience_segment = '(all)'
order by
    vendor, experience, period, breakdown, variant,
    control_visitors + variant_visitors desc, value
