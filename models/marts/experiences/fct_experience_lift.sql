-- One row per grain, conversion, metric and variant: the last look.
with looks as (

    select * from {{ ref('int_experience_lifts_judged_daily') }}

),

-- The last look of the conversion, not of the variant: one that lost all its units is
-- gone.
last_looks as (

    select looks.*, {{ row_of('winsorized') }}
    from looks
    left join {{ ref('int_experience_lifts_winsorized') }} as winsorized
        on {{ same_grain('looks', 'winsorized') }}
        and looks.conversion = winsorized.conversion
        and looks.metric = winsorized.metric
        and looks.variant = winsorized.variant
    qualify
        looks.as_of_date = max(looks.as_of_date) over (
            partition by
                looks.vendor, looks.experience, looks.audience_segment, looks.period,
                looks.conversion
        )

),

-- The windows of conversions and segments close on different days: the family is of
-- last looks.
adjusted as (

    {{ adjusted_p_values('last_looks', ['vendor', 'experience', 'period']) | indent }}

)

select
    {{- lift_columns('matured_now') }},
    {{ finite_figures([
        'winsorized_cap', 'winsorized_control_mean', 'winsorized_variant_mean',
        'winsorized_lift', 'winsorized_lift_ci_lower', 'winsorized_lift_ci_upper',
        'winsorized_p_value',
    ], 'winsorized') }}
from adjusted
