-- The published rows of a grain, in the order they are shown in.
select
    conversion, metric, variant, control_visitors, control_converters, control_mean,
    variant_visitors, variant_converters, variant_mean, lift, running_p_value,
    running_ci_lower, running_ci_upper, lift_ci_lower, lift_ci_upper, srm_p_value,
    minimum_detectable_effect, status
from fct_experience_lift
where vendor = $vendor
    and experience = $experience
    and audience_segment = $audience_segment
    and period is not distinct from $period
order by
    list_position([
        'conversion_rate', 'conversions_per_visitor', 'value_per_visitor', 'value_per_conversion'
    ], metric),
    variant
