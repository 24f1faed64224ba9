with cells as (

    select * from {{ ref('int_sample_ratio_cells_keyed_daily') }}

),

expectations as (

    select
        *,
        sum(visitors) over look as all_visitors,
        weight / cast(sum(cast(weight as decimal(38, 18))) over look as double)
            as expected_share
    from cells
    window look as (
        partition by vendor, experience, audience_segment, period, as_of_date
    )

),

tests as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        as_of_date,
        has_expected_split,
        {{ chi_square('visitors', 'all_visitors * expected_share') }} as chi_square,
        count(*) - 1 as freedom,
        max(abs(visitors / nullif(all_visitors, 0) - expected_share)) as deviation
    from expectations
    group by all

),

tested as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        as_of_date,
        has_expected_split,
        chi2_tail(chi_square, freedom) as srm_p_value,
        {{ is_mismatch('chi2_tail(chi_square, freedom)', 'deviation') }}
            as is_mismatched,
        -- Equal shares are a guess: only a configured split gives a verdict.
        has_expected_split and is_mismatched as is_split_mismatched
    from tests

)

select * from tested
