{{ config(
    materialized='incremental',
    unique_key='unit_id',
    affected='int_affected_units',
    delta=true,
) }}
-- One row per grain and unit with what it saw: its first view, and when it first saw
-- another variant.
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

other_views as (

    select
        views.vendor,
        views.experience,
        views.audience_segment,
        views.period,
        views.unit_id,
        min(views.occurred_at) as crossed_at
    from views
    inner join first_views
        on {{ same_grain('views', 'first_views') }}
        and views.unit_id = first_views.unit_id
        and views.variant <> first_views.first_variant
    where first_views.is_crossover
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
    other_views.crossed_at
from first_views
left join other_views
    on {{ same_grain('first_views', 'other_views') }}
    and first_views.unit_id = other_views.unit_id
