-- An interval of one look holds the figure it is about; running bounds are never wider.
-- Metrics and statuses are the known ones.
with daily_rows as (

    select * from {{ ref('fct_experience_lift_daily') }}

),

last_rows as (

    select * from {{ ref('fct_experience_lift') }}

),

labels as (

    select metric, status from daily_rows
    union all
    select metric, status from last_rows

)

select 'the interval misses its figure' as problem, metric, status
from daily_rows
where
    absolute_difference not between absolute_ci_lower and absolute_ci_upper
    or lift not between lift_ci_lower - 1e-9 and lift_ci_upper + 1e-9
    or lift not between sequential_ci_lower - 1e-9 and sequential_ci_upper + 1e-9
    or running_ci_lower < sequential_ci_lower
    or running_ci_upper > sequential_ci_upper
    or running_p_value > always_valid_p_value
union all
select 'metric or status is unknown' as problem, metric, status
from labels
where metric not in (
        'conversion_rate', 'conversions_per_visitor',
        'value_per_visitor', 'value_per_conversion'
    )
    or status not in (
        'no_control_arm', 'no_treatment_arm', 'zero_control_rate', 'zero_variance',
        'sample_ratio_mismatch', 'insufficient_data', 'winner', 'loser', 'inconclusive'
    )
