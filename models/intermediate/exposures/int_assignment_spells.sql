-- One row per grain, unit and spell: the days on which a unit counts in a variant, and
-- the moment from which its conversions do. Only the policies on crossovers make a
-- second spell, or end the first.
{%- set policy = var('statistics')['crossover'] %}
with units as (

    select * from {{ ref('int_units_exposed') }}

),

spells as (

    {% if policy == 'ever_treated' -%}
    -- Personalized if ever personalized, from the first personalized view on.
    select
        *,
        first_view as counted_view,
        first_person_id as counted_person_id,
        first_variant as variant,
        first_arm as arm,
        first_seen_at as counted_from,
        first_seen_at::date as first_day,
        case when first_arm <> 'personalized' then first_personalized_at::date end
            as end_day
    from units
    union all
    select
        *,
        first_personalized_view as counted_view,
        first_personalized_person_id as counted_person_id,
        first_personalized_variant as variant,
        'personalized' as arm,
        first_personalized_at as counted_from,
        first_personalized_at::date as first_day,
        null as end_day
    from units
    where first_arm <> 'personalized' and first_personalized_at is not null
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
        {{ 'crossed_at::date' if policy == 'exclude' else 'null::date' }} as end_day
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
    -- What a unit counts as once all is known is its last spell.
    row_number() over (
        partition by vendor, experience, audience_segment, period, unit_id
        order by first_day desc, counted_from desc, arm desc
    ) = 1 as is_last
from spells
