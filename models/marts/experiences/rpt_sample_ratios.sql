-- One row per experience, period, breakdown and value of it, with the units of each
-- arm: where they are not split as in the experience as a whole, something other than
-- chance decided who was seen.
with

cube as (

    select * from {{ ref('fct_experience_cube') }} where audience_segment = '(all)'

),

breakdown_units as (select * from {{ ref('int_breakdown_units') }}),

studies as (select * from {{ ref('int_studies') }} where study_id = pooled_study_id),

cohorts as (

    select
        vendor, experience, period, conversion, 'cohort_day' as breakdown,
        cohort_day::varchar as value, arm, visitors
    from cube
    union all
    select
        studies.vendor, studies.experience, studies.period, units.conversion,
        units.breakdown, units.value, units.arm, units.visitors
    from breakdown_units as units
    inner join studies on units.study_id = studies.study_id

),

of_one_conversion as (

    -- Units are the same for every conversion.
    select * from cohorts
    qualify conversion = min(conversion) over (partition by vendor, experience, period)

),

slices as (

    select
        vendor, experience, period, breakdown, value,
        sum(visitors) filter (where arm = 'control') as control,
        sum(visitors) filter (where arm = 'personalized') as personalized
    from of_one_conversion
    group by all

),

shares as (

    select
        vendor,
        experience,
        period,
        breakdown,
        value,
        coalesce(control, 0)::bigint as control_visitors,
        coalesce(personalized, 0)::bigint as personalized_visitors,
        sum(coalesce(personalized, 0)) over experience_units
        / sum(coalesce(control, 0) + coalesce(personalized, 0)) over experience_units
            as whole_share
    from slices
    window experience_units as (partition by vendor, experience, period, breakdown)

),

tested as (

    select
        *,
        control_visitors + personalized_visitors as visitors,
        personalized_visitors / visitors as personalized_share,
        -- One cell of two: both deviate by the same number of units.
        chi2_tail(
            power(personalized_visitors - visitors * whole_share, 2)
            / nullif(visitors * whole_share * (1 - whole_share), 0),
            1
        ) as p_value
    from shares

)

select
    vendor,
    experience,
    period,
    breakdown,
    value,
    control_visitors,
    personalized_visitors,
    personalized_share,
    whole_share,
    p_value,
    -- Holm's first step over the values of the breakdown: many of them are looked at.
    {{ is_mismatch(
        'p_value * count(*) over values_of_breakdown',
        'abs(personalized_share - whole_share)',
    ) }} as is_mismatched
from tested
window values_of_breakdown as (partition by vendor, experience, period, breakdown)
