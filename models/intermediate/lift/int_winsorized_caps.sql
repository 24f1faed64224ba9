{%- set percentile = var('statistics', {}).get('winsorize') %}
-- One row per study, conversion, metric and personalized variant: what the totals of
-- its units and of control's are capped at. Empty unless statistics.winsorize is set.
with

changes as (

    select * from {{ ref('int_daily_changes') }}
    where population = 'all' and variant is not null and {{ percentile is not none }}

),

-- The units of the last look: what came less what left.
totals as (

    select
        changes.study_id, changes.conversion, known.metric, known.unit_scale,
        changes.variant, changes.arm,
        case known.metric
            when 'value_per_visitor' then changes.value_units
            else changes.conversions
        end as total,
        sum(changes.visitors) as visitors
    from changes
    cross join (
        values ('conversions_per_visitor', 1), ('value_per_visitor', 10000)
    ) as known (metric, unit_scale)
    group by all

),

variants as (

    select study_id, conversion, metric, variant
    from totals
    where arm = 'personalized'
    group by all
    having sum(visitors) > 0

),

-- Zeros are of the many who did nothing: with them, the percentile of what few do would
-- be zero. Control is in the contrast of each variant, and has another cap in each.
ranked as (

    select
        variants.study_id, variants.conversion, variants.metric, variants.variant,
        totals.unit_scale, totals.total,
        sum(totals.visitors) over (
            partition by
                variants.study_id, variants.conversion, variants.metric,
                variants.variant
            order by totals.total
        ) as visitors_up_to,
        cast(sum(totals.visitors) over (
            partition by
                variants.study_id, variants.conversion, variants.metric,
                variants.variant
        ) as bigint) as all_visitors
    from variants
    inner join totals
        on variants.study_id = totals.study_id
        and variants.conversion = totals.conversion
        and variants.metric = totals.metric
        and (totals.arm = 'control' or variants.variant = totals.variant)
    where totals.total <> 0 and totals.visitors <> 0

),

final as (

    select study_id, conversion, metric, variant, unit_scale, min(total) as cap
    from ranked
    where visitors_up_to >= {{ percentile or 1 }} * all_visitors
    group by all
    -- Where most totals are refunds, the percentile says nothing about large ones.
    having min(total) > 0

)

select * from final
