-- One row per grain, conversion, metric and variant: the last look.
with last_days as (

    select
        vendor, experience, period,
        max(greatest(last_day, last_changed_day)) as last_day
    from {{ ref('int_experience_spans') }}
    group by all

),

looks as (

    select
        {{ all_columns_but(['as_of_date'], 'looks') }},
        last_days.last_day as as_of_date,
        {{ row_of('winsorized') }}
    from {{ ref('int_experience_lifts_judged_daily') }} as looks
    inner join last_days
        on {{ same_grain('looks', 'last_days', ['vendor', 'experience', 'period']) }}
    left join {{ ref('int_experience_lifts_winsorized') }} as winsorized
        on {{ same_grain('looks', 'winsorized') }}
        and looks.conversion = winsorized.conversion
        and looks.metric = winsorized.metric
        and looks.variant = winsorized.variant
    where looks.as_of_date = {{ last_look() }}

),

adjusted as (

    {{ adjusted_p_values('looks', ['vendor', 'experience', 'period']) | indent }}

)

select
    {{- lift_columns() }},
    {{ finite_figures([
        'winsorized_cap', 'winsorized_control_mean', 'winsorized_variant_mean',
        'winsorized_lift', 'winsorized_lift_ci_lower', 'winsorized_lift_ci_upper',
        'winsorized_p_value',
    ], 'winsorized') }}
from adjusted
