-- An interval of one look holds the figure it is about; running bounds never are wider.
select *
from {{ ref('fct_experience_lift_daily') }}
where
    absolute_difference not between absolute_ci_lower and absolute_ci_upper
    or lift not between lift_ci_lower - 1e-9 and lift_ci_upper + 1e-9
    or lift not between sequential_ci_lower - 1e-9 and sequential_ci_upper + 1e-9
    or running_ci_lower < sequential_ci_lower
    or running_ci_upper > sequential_ci_upper
    or running_p_value > always_valid_p_value
