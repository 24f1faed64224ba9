-- The steps of the bridges of an experience in one audience segment.
select
    vendor, period, conversion, arm, step, visitors, converters, value, visitors_change,
    converters_change, value_change
from rpt_vendor_bridge
where experience = $experience
    and audience_segment = $audience_segment
    and list_contains($conversions::varchar[], conversion)
order by
    vendor, period nulls first, list_position($conversions::varchar[], conversion),
    arm = 'control', step_number
