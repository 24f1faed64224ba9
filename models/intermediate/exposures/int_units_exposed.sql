-- One row per grain and unit with what it saw, in order: first variant, crossover,
-- first personalized view.
with first_views as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        unit_id,
        min({{ message_order() }}) as first_view,
        max(occurred_at) as last_exposed_at,
        count(*) as impressions,
        count(distinct variant) as variant_count,
        arg_min(person_id, {{ message_order() }}) as first_person_id,
        arg_min(variant, {{ message_order() }}) as first_variant,
        arg_min(arm, {{ message_order() }}) as first_arm,
        min({{ message_order() }}) filter (where arm = 'personalized')
            as first_personalized_view,
        arg_min(variant, {{ message_order() }}) filter (where arm = 'personalized')
            as first_personalized_variant,
        arg_min(person_id, {{ message_order() }}) filter (where arm = 'personalized')
            as first_personalized_person_id
    from {{ ref('int_exposures_assigned') }}
    group by all

),

other_views as (

    select
        exposures.vendor,
        exposures.experience,
        exposures.audience_segment,
        exposures.period,
        exposures.unit_id,
        min(exposures.occurred_at) as crossed_at
    from {{ ref('int_exposures_assigned') }} as exposures
    inner join first_views
        on {{ same_grain('exposures', 'first_views') }}
        and exposures.unit_id = first_views.unit_id
        and exposures.variant <> first_views.first_variant
    where first_views.variant_count > 1
    group by all

)

select
    first_views.*,
    first_views.first_view.occurred_at as first_seen_at,
    first_views.first_personalized_view.occurred_at as first_personalized_at,
    -- The moment a second variant was seen makes a crossover of the unit.
    other_views.crossed_at
from first_views
left join other_views
    on {{ same_grain('first_views', 'other_views') }}
    and first_views.unit_id = other_views.unit_id
