-- One row per study and look, with the sample-ratio test of its variants (χ², Pearson
-- 1900) and, for (all), that of the arms between the segments of its experience.
with

visitors as (select * from {{ ref('int_split_visitors') }}),

cells as (select * from {{ ref('int_sample_ratio_cells') }}),

studies as (

    select
        study_id, pooled_study_id, as_of_date,
        sum(visitors) as visitors,
        sum(visitors) filter (where arm = 'personalized') as personalized
    from visitors
    group by all

),

expectations as (

    select
        *,
        sum(visitors) over look as all_visitors,
        weight / cast(sum(cast(weight as decimal(38, 18))) over look as double)
            as expected_share
    from cells
    window look as (partition by study_id, as_of_date)

),

tests as (

    select
        study_id, as_of_date, has_expected_split,
        chi2_tail(
            {{ chi_square('visitors', 'all_visitors * expected_share') }}, count(*) - 1
        ) as srm_p_value,
        max(abs(visitors / nullif(all_visitors, 0) - expected_share)) as deviation
    from expectations
    group by all

),

shares as (

    select
        pooled_study_id, as_of_date, visitors,
        coalesce(personalized, 0) as personalized,
        coalesce(personalized, 0) / visitors as personalized_share,
        visitors * (sum(coalesce(personalized, 0)) over look) / sum(visitors) over look
            as expected
    from studies
    where study_id <> pooled_study_id and visitors > 0
    window look as (partition by pooled_study_id, as_of_date)

),

-- Both cells of a segment deviate by the same number of units.
share_tests as (

    select
        pooled_study_id, as_of_date,
        chi2_tail(
            {{ chi_square('personalized', 'expected') }}
            + {{ chi_square('visitors - personalized', '(visitors - expected)') }},
            count(*) - 1
        ) as p_value,
        max(personalized_share) - min(personalized_share) as deviation
    from shares
    group by all

),

final as (

    select
        studies.study_id, studies.as_of_date,
        tests.has_expected_split, tests.srm_p_value,
        {{ is_mismatch('tests.srm_p_value', 'tests.deviation') }} as is_mismatched,
        -- Equal shares are a guess: only a configured split decides a status. Pooling
        -- segments whose arms differ in share would mislead, split or no split.
        case
            when coalesce(tests.has_expected_split, false) and is_mismatched
                then 'expected_split'
            when {{ is_mismatch('share_tests.p_value', 'share_tests.deviation') }}
                then 'audience_segments'
        end as srm_cause
    from studies
    left join tests
        on studies.study_id = tests.study_id
        and studies.as_of_date = tests.as_of_date
    left join share_tests
        on studies.study_id = share_tests.pooled_study_id
        and studies.as_of_date = share_tests.as_of_date

)

select * from final
