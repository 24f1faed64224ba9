-- One row per experience, audience segment and variant: the result for the main conversion.
select
    vendor,
    experience,
    period,
    audience_segment,
    variant,
    conversion,
    control_visitors,
    variant_visitors,
    control_mean as control_rate,
    variant_mean as variant_rate,
    lift,
    running_ci_lower,
    running_ci_upper,
    status
from fct_experience_lift
where is_main and metric = 'conversion_rate'
order by
    status not in ('winner', 'loser'),
    experience,
    vendor,
    period,
    audience_segment <> '(all)',
    audience_segment,
    variant
