{{ config(
    materialized='incremental',
    unique_key=['vendor', 'experience', "coalesce(period, date '0001-01-01')", 'as_of_date'],
    affected='int_affected_experience_days',
) }}
-- One row per grain, conversion, metric, variant and day on which any row of the
-- experience and period differs from the day before, and what the running figures have
-- come to.
{%- set period = ['vendor', 'experience', 'period'] %}
{%- set affected_days = ref('int_affected_experience_days') %}
{%- set not_compared = ['as_of_date', 'is_of_this_build', 'look_number'] %}
with judged as (

    select * from {{ ref('int_experience_lifts_judged_daily') }}
    where as_of_date <> {{ last_look() }}

),

adjusted as (

    {{ adjusted_p_values('judged', period + ['as_of_date']) | indent }}

),

looks as (

    select
        {{- lift_columns() | indent }},
        adjusted.is_counted,
        adjusted.greatest_lower,
        adjusted.least_upper,
        true as is_of_this_build
    from adjusted
    {%- if is_incremental() %}
    union all
    -- The look before the first of this build, which that is compared with.
    select held.*, false as is_of_this_build
    from {{ this }} as held
    inner join (
        select days.vendor, days.experience, days.period, max(days.as_of_date) as as_of_date
        from {{ this }} as days
        inner join (
            select vendor, experience, period, min(as_of_date) as first_day
            from {{ affected_days }}
            group by all
        ) as affected
            on {{ same_grain('days', 'affected', period) }}
            and days.as_of_date < affected.first_day
        group by all
    ) as last_days
        on {{ same_grain('held', 'last_days', period) }}
        and held.as_of_date = last_days.as_of_date
    {%- endif %}

),

numbered as (

    select
        *,
        dense_rank() over (
            partition by vendor, experience, period order by as_of_date
        ) as look_number
    from looks

),

-- Rows that the look before does not have alike.
differences as (

    select {{ all_columns_but(not_compared) }}, look_number
    from numbered
    except
    select {{ all_columns_but(not_compared) }}, look_number + 1 as look_number
    from numbered

),

changed as (

    select distinct vendor, experience, period, look_number
    from differences

)

select {{ all_columns_but(['is_of_this_build', 'look_number'], 'numbered') }}
from numbered
inner join changed
    on {{ same_grain('numbered', 'changed', period) }}
    and numbered.look_number = changed.look_number
where numbered.is_of_this_build
