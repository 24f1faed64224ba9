{{ config(post_hook='{{ comments_on_breakdowns() }}') }}
-- One row per experience, audience segment (with (all)), period, variant, cohort day,
-- breakdown values and conversion, with sums over its units: any breakdown, and any of
-- them together, is a GROUP BY. Sums of values are in the currency itself, exact.
with

cells as (select * from {{ ref('int_cube_cells') }}),

studies as (select * from {{ ref('int_studies') }}),

conversions as (select * from {{ source('raw', 'config_conversions') }}),

mixed as (

    select * from {{ ref('int_mixed_currencies') }} where mixed_to is null

),

-- Without a path to a value, or over two currencies, a sum of values is not a figure.
units as (

    select
        cells.* exclude (value_units, pre_value),
        case
            when conversions.has_value and mixed.vendor is null then cells.value_units
        end as value_units,
        case
            when conversions.has_value and mixed.vendor is null then cells.pre_value
        end as pre_value,
        studies.vendor, studies.experience, studies.audience_segment, studies.period
    from cells
    inner join studies on cells.study_id = studies.study_id
    inner join conversions on cells.conversion = conversions.conversion
    left join mixed
        on studies.vendor = mixed.vendor
        and studies.experience = mixed.experience
        and cells.conversion = mixed.conversion

),

final as (

    select
        vendor, experience, audience_segment, period, variant, arm, cohort_day,
        conversion,
        * exclude (
            vendor, experience, audience_segment, period, variant, arm, cohort_day,
            conversion, study_id, visitors, conversions, valued_conversions,
            value_units, pre_conversions, pre_value
        ),
        sum(visitors)::bigint as visitors,
        sum(visitors * (conversions > 0)::integer)::bigint as converters,
        sum(visitors * conversions)::bigint as conversions,
        sum(visitors * conversions * conversions)::bigint as conversions_sum_squares,
        sum(visitors * valued_conversions)::bigint as valued_conversions,
        sum(visitors * valued_conversions * valued_conversions)::bigint
            as valued_conversions_sum_squares,
        {{ exact_decimal('sum(visitors * value_units)', 4) }} as value_sum,
        {{ exact_decimal('sum(visitors * value_units * value_units)', 8) }}
            as value_sum_squares,
        {{ exact_decimal('sum(visitors * value_units * conversions)', 4) }}
            as value_conversions_sum,
        {{ exact_decimal('sum(visitors * value_units * valued_conversions)', 4) }}
            as value_valued_conversions_sum,
        sum(visitors * (conversions > 0 and pre_conversions > 0)::integer)::bigint
            as pre_converters_sum,
        sum(visitors * pre_conversions * conversions)::bigint as pre_conversions_sum,
        {{ exact_decimal('sum(visitors * pre_value * value_units)', 8) }}
            as pre_value_value_sum,
        {{ exact_decimal('sum(visitors * pre_value * valued_conversions)', 4) }}
            as pre_value_valued_conversions_sum,
        sum(visitors * (pre_conversions > 0)::integer)::bigint as pre_converters,
        sum(visitors * pre_conversions)::bigint as pre_sum,
        sum(visitors * pre_conversions * pre_conversions)::bigint as pre_sum_squares,
        {{ exact_decimal('sum(visitors * pre_value)', 4) }} as pre_value_sum,
        {{ exact_decimal('sum(visitors * pre_value * pre_value)', 8) }}
            as pre_value_sum_squares
    from units
    group by all

)

select * from final
