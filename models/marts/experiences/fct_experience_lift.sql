-- One row per grain, conversion, metric and variant: the last look.
with looks as (

    select * from {{ ref('int_experience_lifts_judged_daily') }}

),

-- The last look of the conversion, not of the variant: one that lost all its units is
-- gone.
last_looks as (

    select *
    from looks
    qualify
        as_of_date = max(as_of_date) over (
            partition by vendor, experience, audience_segment, period, conversion
        )

),

-- The windows of conversions and segments close on different days: the family is of
-- last looks.
adjusted as (

    {{ adjusted_p_values('last_looks', ['vendor', 'experience', 'period']) | indent }}

)

select
    {{- lift_columns('matured_now') }}
from adjusted
