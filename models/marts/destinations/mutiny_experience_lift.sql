-- One row per experience, audience segment (with (all)) and conversion, as Mutiny
-- counts.
with

counts as (

    select
        experience, audience_segment, conversion,
        coalesce(sum(visitors) filter (where arm = 'personalized'), 0)
            as personalized_visitors,
        coalesce(sum(visitors) filter (where arm = 'control'), 0) as control_visitors,
        coalesce(sum(converters) filter (where arm = 'personalized'), 0)
            as personalized_conversions,
        coalesce(sum(converters) filter (where arm = 'control'), 0)
            as control_conversions
    from {{ ref('int_bridge_counts') }}
    where vendor = 'mutiny' and step_number = 0
    group by all

),

rates as (

    select
        *,
        personalized_conversions / nullif(personalized_visitors, 0)::double
            as personalized_rate,
        control_conversions / nullif(control_visitors, 0)::double as control_rate
    from counts

),

influences as (select * from {{ ref('int_mutiny_influences') }}),

mixed as (

    select experience, conversion
    from influences
    where is_mixed
    group by all

)

select
    rates.experience,
    rates.audience_segment,
    rates.conversion,
    configured.is_main,
    rates.personalized_visitors::bigint as personalized_visitors,
    rates.control_visitors::bigint as control_visitors,
    rates.personalized_conversions::bigint as personalized_conversions,
    rates.control_conversions::bigint as control_conversions,
    rates.personalized_rate,
    rates.control_rate,
    (rates.personalized_rate - rates.control_rate) / nullif(rates.control_rate, 0)
        as lift,
    case
        when mixed.experience is null
            then {{ exact_decimal('coalesce(influences.value_first, 0)', 4) }}
    end as influenced_value_first,
    case
        when mixed.experience is null
            then {{ exact_decimal('coalesce(influences.value_last, 0)', 4) }}
    end as influenced_value_last,
    case
        when mixed.experience is null
            then {{ exact_decimal('coalesce(influences.value_any, 0)', 4) }}
    end as influenced_value_any
from rates
inner join {{ source('raw', 'config_conversions') }} as configured
    on rates.conversion = configured.conversion
left join influences
    on rates.experience = influences.experience
    and rates.audience_segment = influences.audience_segment
    and rates.conversion = influences.conversion
left join mixed
    on rates.experience = mixed.experience and rates.conversion = mixed.conversion
