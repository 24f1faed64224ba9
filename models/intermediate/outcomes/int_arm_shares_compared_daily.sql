with visitors as (

    select * from {{ ref('int_split_visitors_counted_daily') }}
    where audience_segment <> '(all)'

),

segments as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        as_of_date,
        sum(case when arm = 'personalized' then visitors else 0 end) as personalized,
        sum(visitors) as visitors
    from visitors
    group by all

),

totals as (

    select
        *,
        sum(visitors) over look as all_visitors,
        sum(personalized) over look as all_personalized
    from segments
    where visitors > 0
    window look as (partition by vendor, experience, period, as_of_date)

),

expectations as (

    select
        *,
        personalized / visitors as personalized_share,
        visitors * all_personalized / all_visitors as expected
    from totals

),

-- Both cells of a row deviate by the same amount, one of personalized, one of control.
tests as (

    select
        vendor,
        experience,
        '(all)' as audience_segment,
        period,
        as_of_date,
        {{ chi_square('personalized', 'expected') }}
        + {{ chi_square('visitors - personalized', '(visitors - expected)') }}
            as chi_square,
        count(*) - 1 as freedom,
        max(personalized_share) - min(personalized_share) as share_range
    from expectations
    group by vendor, experience, period, as_of_date

),

compared as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        as_of_date,
        {{ is_mismatch('chi2_tail(chi_square, freedom)', 'share_range') }}
            as is_share_mismatched
    from tests

)

select * from compared
