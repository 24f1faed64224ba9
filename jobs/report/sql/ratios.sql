-- How the units of each breakdown value are split; of days only those split unlike all others.
select
    vendor,
    experience,
    period,
    breakdown,
    value,
    control_visitors,
    personalized_visitors,
    personalized_share,
    whole_share,
    p_value,
    is_mismatched
from rpt_sample_ratios
where breakdown <> 'cohort_day' or is_mismatched
order by
    vendor, experience, period, not is_mismatched, breakdown,
    control_visitors + personalized_visitors desc, value
