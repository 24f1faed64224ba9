{{ config(
    materialized='incremental', unique_key='unit_id', affected='int_affected_units'
) }}
-- One row per grain, unit and assignment interval: the days on which a unit counts in a
-- variant, and the moment from which its conversions do. Only the policies on
-- crossovers make a second interval, or end the first.
{%- set policy = var('statistics')['crossover'] %}
with units as (

    select *
    from {{ ref('int_units_exposed') }}
    {% if is_incremental() %}
    where unit_id in (select unit_id from {{ ref('int_affected_units') }})
    {% endif %}

),

{% if policy == 'ever_treated' -%}
personalized_views as (

    select *
    from {{ ref('int_exposures_assigned') }}
    where arm = 'personalized'
        {% if is_incremental() %}
        and unit_id in (select unit_id from {{ ref('int_affected_units') }})
        {% endif %}

),

first_personalized_views as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        unit_id,
        min({{ message_order() }}) as view
    from personalized_views
    group by all

),

-- Whose first view was another one.
treated_later as (

    select
        units.*,
        first_views.view as counted_view,
        views.person_id as counted_person_id,
        views.variant,
        views.arm
    from units
    inner join first_personalized_views as first_views
        on {{ same_grain('units', 'first_views') }}
        and units.unit_id = first_views.unit_id
    inner join personalized_views as views
        on {{ same_grain('units', 'views') }}
        and units.unit_id = views.unit_id
        and first_views.view.message_id = views.message_id
    where units.first_arm <> 'personalized'

),

{% endif -%}
intervals as (

    {% if policy == 'ever_treated' -%}
    -- Personalized if ever personalized, from the first personalized view on.
    select
        units.*,
        units.first_view as counted_view,
        units.first_person_id as counted_person_id,
        units.first_variant as variant,
        units.first_arm as arm,
        units.first_seen_at as counted_from,
        units.first_seen_at::date as first_day,
        treated_later.counted_view.occurred_at::date as end_day,
        treated_later.unit_id is null as is_last
    from units
    left join treated_later
        on {{ same_grain('units', 'treated_later') }}
        and units.unit_id = treated_later.unit_id
    union all
    select
        *,
        counted_view.occurred_at as counted_from,
        counted_view.occurred_at::date as first_day,
        null::date as end_day,
        true as is_last
    from treated_later
    {%- else -%}
    -- The first variant seen keeps the randomisation; under exclude a crossover leaves
    -- on its day.
    select
        *,
        first_view as counted_view,
        first_person_id as counted_person_id,
        first_variant as variant,
        first_arm as arm,
        first_seen_at as counted_from,
        first_seen_at::date as first_day,
        {{ 'crossed_at::date' if policy == 'exclude' else 'null::date' }} as end_day,
        true as is_last
    from units
    {%- endif %}

)

select
    vendor,
    experience,
    audience_segment,
    period,
    unit_id,
    variant,
    arm,
    counted_from,
    counted_view,
    counted_person_id,
    first_day,
    end_day,
    crossed_at,
    -- What a unit counts as once all is known.
    is_last
from intervals
