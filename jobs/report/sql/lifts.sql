-- The published figures, in the order they are shown in.
select *
from fct_experience_lift
order by
    vendor,
    experience,
    period,
    not is_main,
    conversion,
    list_position([
        'conversion_rate', 'conversions_per_visitor', 'value_per_visitor', 'value_per_conversion'
    ], metric),
    audience_segment <> '(all)',
    audience_segment,
    variant
