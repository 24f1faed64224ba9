-- One row per vendor, step of its bridge that assigns units unlike the steps before it,
-- grain and unit: what the unit counts in, and since when.
with

rules as (

    select * from {{ ref('int_bridge_rules') }}
    where step_number = assigned_by

),

views as (select * from {{ ref('int_bridge_views') }}),

variants_seen as (

    select
        rules.vendor,
        rules.step_number,
        rules.crossover,
        views.experience,
        views.audience_segment,
        case when rules.has_periods then views.period end as period,
        views.unit_id,
        views.variant,
        views.arm,
        min(views.first_view) as first_view
    from views
    inner join rules
        on views.vendor = rules.vendor and views.unit_kind = rules.unit_kind
    where (rules.has_excluded or not views.is_excluded)
        and (views.is_in_period or not rules.has_periods)
        and (views.is_received or not rules.is_received_only)
    group by all

),

final as (

    select
        seen.vendor,
        seen.step_number,
        seen.experience,
        seen.audience_segment,
        seen.period,
        seen.unit_id,
        seen.variant,
        seen.arm,
        seen.first_view.occurred_at as counted_from
    from variants_seen as seen
    qualify
        row_number() over (
            partition by
                seen.vendor, seen.step_number, seen.experience,
                seen.audience_segment, seen.period, seen.unit_id
            -- Personalized if ever personalized, else what was seen first.
            order by
                seen.crossover = 'ever_treated' and seen.arm <> 'personalized',
                seen.first_view
        ) = 1
        and (
            seen.crossover <> 'exclude' or count(*) over (
                partition by
                    seen.vendor, seen.step_number, seen.experience,
                    seen.audience_segment, seen.period, seen.unit_id
            ) = 1
        )

)

select * from final
