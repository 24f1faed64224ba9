{{ config(
    materialized='incremental',
    unique_key='person_id',
    affected='int_affected_persons',
) }}
-- One row per person, rule segment and interval of membership, half-open.
{%- set rules = var('segments')['rules'] %}
-- Who was never seen is known from what was first said of them.
with known as (

    select
        coalesce(activity.person_id, observed.person_id) as person_id,
        coalesce(activity.first_seen_at, observed.first_observed_at) as known_from
    from {{ ref('int_person_activity') }} as activity
    full join {{ ref('int_observed_persons') }} as observed
        on activity.person_id = observed.person_id

),

flips as (

    select
        person_id,
        {{ predicate_chunk('predicate') }} as chunk,
        turned_at,
        {{ predicate_bit('predicate') }} as flipped
    from {{ ref('int_predicate_toggles') }}
    {% if is_incremental() %}
    where person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}
    {%- for chunk in rules | selectattr('is_default') | map(attribute='chunk')
        | unique %}
    union all
    -- What holds of somebody nothing is known of begins with themselves.
    select
        person_id,
        {{ chunk }},
        known_from,
        0
    from known
    {% if is_incremental() %}
    where person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}
    {%- endfor %}

),

moments as (

    select
        person_id,
        chunk,
        turned_at,
        bit_xor(flipped) as flipped
    from flips
    group by person_id, chunk, turned_at

),

-- The predicates that hold, as the bits of one number.
states as (

    select
        person_id,
        chunk,
        turned_at,
        bit_xor(flipped) over (
            partition by person_id, chunk
            order by turned_at
            rows between unbounded preceding and current row
        ) as state
    from moments

),

-- The rules that hold, likewise.
judged as (

    select
        states.person_id,
        states.chunk,
        states.turned_at,
        known.known_from,
        0::bigint
        {%- for rule in rules %}
        + case
            when states.chunk = {{ rule['chunk'] }} and {{ rule['condition_sql'] }}
                {%- if rule['is_default'] %}
                and states.turned_at >= known.known_from
                {%- endif %}
                then {{ 2 ** rule['bit'] }}
            else 0
        end
        {%- endfor %} as held
    from states
    left join known on states.person_id = known.person_id

),

changed as (

    select
        *,
        xor(
            held,
            lag(held, 1, 0) over (partition by person_id, chunk order by turned_at)
        ) as turned
    from judged

),

turns as (

    {% for rule in rules -%}
    select
        person_id,
        {{ text_literal(rule['name']) }} as user_segment,
        turned_at,
        held & {{ 2 ** rule['bit'] }} <> 0 as is_member
    from changed
    where chunk = {{ rule['chunk'] }} and turned & {{ 2 ** rule['bit'] }} <> 0
    union all
    {% endfor -%}
    select
        person_id,
        null::varchar as user_segment,
        turned_at,
        null::boolean as is_member
    from changed
    where false

),

intervals as (

    select
        *,
        lead(turned_at) over (
            partition by person_id, user_segment order by turned_at
        ) as member_to
    from turns

)

select
    person_id,
    user_segment,
    turned_at as member_from,
    member_to
from intervals
where is_member
