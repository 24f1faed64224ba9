with sums as (

    select * from {{ ref('int_experience_sums_daily') }}
    where units = 'all'

),

-- Units are the same for every conversion; the longest window has the last days.
counted as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        as_of_date,
        variant,
        arm,
        max(split_visitors) as visitors
    from sums
    group by all

)

select * from counted
