-- One row per grain, conversion, metric, variant, breakdown of lift.yml and its value.
with

estimates as (select * from {{ ref('int_estimates') }} where population = 'breakdown'),

studies as (select * from {{ ref('int_studies') }}),

final as (

    select
        studies.vendor,
        studies.experience,
        studies.audience_segment,
        studies.period,
        estimates.conversion,
        estimates.is_main,
        estimates.metric,
        estimates.variant,
        estimates.breakdown,
        estimates.value,
        estimates.control_visitors,
        estimates.control_converters,
        estimates.control_mean,
        estimates.variant_visitors,
        estimates.variant_converters,
        estimates.variant_mean,
        estimates.lift,
        estimates.lift_ci_lower,
        estimates.lift_ci_upper,
        not estimates.is_sufficient as is_small
    from estimates
    inner join studies on estimates.study_id = studies.study_id

)

select * from final
