-- What the previous publication said of the main conversion rate of everybody.
select
    vendor,
    experience,
    period,
    variant,
    status as previous_status,
    lift as previous_lift,
    control_visitors + variant_visitors as previous_visitors
from previous.fct_experience_lift
where is_main and metric = 'conversion_rate' and audience_segment = '(all)'
order by vendor, experience, period, variant
