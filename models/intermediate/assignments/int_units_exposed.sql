{{ config(
    materialized='incremental',
    unique_key='unit_id',
    affected='int_affected_units',
) }}
-- One row per grain and unit with what it saw: its first view, and when and why it saw
-- another variant: one identifier was shown both, or identifiers that were shown
-- different ones are of one unit.
with views as (

    select *
    from {{ ref('int_exposures_assigned') }}
    {% if is_incremental() %}
    where unit_id in (select unit_id from {{ ref('int_affected_units') }})
    {% endif %}

),

units as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        unit_id,
        min({{ message_order() }}) as first_view,
        max(occurred_at) as last_exposed_at,
        count(*) as impressions,
        min(variant) <> max(variant) as is_crossover
    from views
    group by all

),

first_views as (

    select
        units.*,
        views.person_id as first_person_id,
        views.variant as first_variant,
        views.arm as first_arm
    from units
    inner join views
        on {{ same_grain('units', 'views') }}
        and units.unit_id = views.unit_id
        and units.first_view.message_id = views.message_id

),

identifiers as (

    select
        views.vendor,
        views.experience,
        views.audience_segment,
        views.period,
        views.unit_id,
        views.identifier,
        count(distinct views.variant) as variants,
        min(views.occurred_at) filter (
            where views.variant <> first_views.first_variant
        ) as crossed_at
    from views
    inner join first_views
        on {{ same_grain('views', 'first_views') }}
        and views.unit_id = first_views.unit_id
    where first_views.is_crossover
    group by all

),

crossovers as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        unit_id,
        min(crossed_at) as crossed_at,
        case
            when max(variants) > 1 then 'same_identifier' else 'merged_identifiers'
        end as cause
    from identifiers
    group by all

)

select
    first_views.vendor,
    first_views.experience,
    first_views.audience_segment,
    first_views.period,
    first_views.unit_id,
    first_views.first_view,
    first_views.first_person_id,
    first_views.first_variant,
    first_views.first_arm,
    first_views.first_view.occurred_at as first_seen_at,
    first_views.last_exposed_at,
    first_views.impressions,
    -- The moment a second variant was seen makes a crossover of the unit.
    crossovers.crossed_at,
    crossovers.cause as crossover_cause
from first_views
left join crossovers
    on {{ same_grain('first_views', 'crossovers') }}
    and first_views.unit_id = crossovers.unit_id
