with visitors as (

    select * from {{ ref('int_split_visitors_counted_daily') }}

),

arms as (

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

spans as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        min(as_of_date) as first_date,
        max(as_of_date) as last_date
    from arms
    where audience_segment <> '(all)'
    group by all

),

-- A segment whose last window has closed stands as it then stood.
segments as (

    select
        looks.vendor,
        looks.experience,
        looks.audience_segment,
        looks.period,
        looks.as_of_date,
        arms.visitors,
        arms.personalized,
        arms.personalized / arms.visitors as personalized_share,
        sum(arms.visitors) over look as all_visitors,
        sum(arms.personalized) over look as all_personalized
    from arms as looks
    inner join spans
        on {{ same_grain('looks', 'spans', ['vendor', 'experience', 'period']) }}
        and looks.as_of_date >= spans.first_date
    inner join arms
        on {{ same_grain('spans', 'arms') }}
        and least(looks.as_of_date, spans.last_date) = arms.as_of_date
    where looks.audience_segment = '(all)' and arms.visitors > 0
    window look as (
        partition by looks.vendor, looks.experience, looks.period, looks.as_of_date
    )

),

expectations as (

    select
        *,
        visitors * all_personalized / all_visitors as expected
    from segments

),

-- Both cells of a row deviate by the same amount, one of personalized, one of control.
tests as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        as_of_date,
        {{ chi_square('personalized', 'expected') }}
        + {{ chi_square('visitors - personalized', '(visitors - expected)') }}
            as chi_square,
        count(*) - 1 as freedom,
        max(personalized_share) - min(personalized_share) as share_range
    from expectations
    group by all

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
