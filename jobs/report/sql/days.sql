-- The main conversion rate of everybody, day by day.
select
    vendor,
    experience,
    period,
    variant,
    as_of_date,
    control_visitors,
    control_converters,
    control_mean,
    variant_visitors,
    variant_converters,
    variant_mean,
    lift,
    running_ci_lower,
    running_ci_upper
from fct_experience_lift_daily
where is_main and metric = 'conversion_rate' and audience_segment = '(all)'
order by vendor, experience, period, variant, as_of_date
