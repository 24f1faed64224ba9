-- One row per campaign, personalized variation, visitor segment (with (all)) and
-- conversion, as Abmatic counts.
with

counts as (

    select * from {{ ref('int_bridge_counts') }}
    where vendor = 'abmatic' and step_number = 0

),

controls as (

    select
        experience, audience_segment, conversion,
        sum(visitors) as visitors,
        sum(converters) as converters
    from counts
    where arm = 'control'
    group by all

),

arms as (

    select
        treated.experience, treated.variant, treated.audience_segment,
        treated.conversion,
        treated.visitors as personalized_visitors,
        coalesce(controls.visitors, 0) as control_visitors,
        treated.converters as personalized_conversions,
        coalesce(controls.converters, 0) as control_conversions
    from counts as treated
    left join controls
        on treated.experience = controls.experience
        and treated.audience_segment = controls.audience_segment
        and treated.conversion = controls.conversion
    where treated.arm = 'personalized'

),

rates as (

    select
        *,
        personalized_conversions / nullif(personalized_visitors, 0)::double
            as personalized_rate,
        control_conversions / nullif(control_visitors, 0)::double as control_rate
    from arms

),

-- Who converts is one, who does not is zero: their variance is n r (1 - r) / (n - 1).
variances as (

    select
        *,
        100 * (personalized_rate - control_rate) / nullif(control_rate, 0)
            as lift,
        control_rate * (1 - control_rate) / nullif(control_visitors - 1, 0)
            as control_mean_variance,
        personalized_rate * (1 - personalized_rate)
        / nullif(personalized_visitors - 1, 0) as variant_mean_variance
    from rates

)

select
    variances.experience as campaign,
    variances.variant as variation,
    variances.audience_segment as visitor_segment,
    variances.conversion,
    configured.is_main,
    variances.personalized_visitors::bigint as personalized_visitors,
    variances.control_visitors::bigint as control_visitors,
    variances.personalized_conversions::bigint as personalized_conversions,
    variances.control_conversions::bigint as control_conversions,
    100 * variances.personalized_rate as personalized_rate,
    100 * variances.control_rate as control_rate,
    case when variances.lift > 999 then 999 else variances.lift end as lift,
    student_t_two_sided_p(
        (variances.personalized_rate - variances.control_rate) / nullif(sqrt(
            variances.control_mean_variance + variances.variant_mean_variance
        ), 0),
        {{ welch_degrees_of_freedom(
            'variances.control_mean_variance', 'variances.control_visitors',
            'variances.variant_mean_variance', 'variances.personalized_visitors'
        ) }}
    ) as p_value
from variances
inner join {{ source('raw', 'config_conversions') }} as configured
    on variances.conversion = configured.conversion
