-- From the vendor's rules to ours, for everybody.
select
    vendor,
    experience,
    period,
    conversion,
    arm,
    step_number,
    step,
    visitors,
    converters,
    value,
    visitors_change,
    converters_change,
    value_change
from rpt_vendor_bridge
where audience_segment = '(all)'
order by vendor, experience, period, conversion, arm <> 'personalized', step_number
