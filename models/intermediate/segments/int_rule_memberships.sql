{{ config(
    materialized='incremental',
    unique_key='person_id',
    affected='int_affected_persons',
) }}
-- One row per person, rule segment and interval of membership, half-open.
with rules as (

    select * from {{ source('raw', 'config_segment_rules') }}

),

-- Who was never seen is known from what was first said of them.
known as (

    select
        coalesce(activity.person_id, observed.person_id) as person_id,
        coalesce(activity.first_seen_at, observed.first_observed_at) as known_from
    from {{ ref('int_person_activity') }} as activity
    full join {{ ref('int_observed_persons') }} as observed
        on activity.person_id = observed.person_id

),

flips as (

    select
        toggles.person_id,
        predicates.chunk,
        toggles.turned_at,
        predicates.flag as flipped
    from {{ ref('int_predicate_toggles') }} as toggles
    inner join {{ source('raw', 'config_predicates') }} as predicates
        on toggles.predicate = predicates.predicate
    {% if is_incremental() %}
    where toggles.person_id in (
        select affected.person_id from {{ ref('int_affected_persons') }} as affected
    )
    {% endif %}
    union all
    -- What holds of somebody nothing is known of begins with themselves.
    select
        known.person_id,
        rules.chunk,
        known.known_from as turned_at,
        0 as flipped
    from known
    cross join rules
    where rules.is_default
    {% if is_incremental() %}
        and known.person_id in (
            select affected.person_id from {{ ref('int_affected_persons') }} as affected
        )
    {% endif %}

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

-- The rules that hold, likewise. Predicates nest in any way, so each rule is an
-- expression over their bits.
judged as (

    select
        states.person_id,
        states.chunk,
        states.turned_at,
        known.known_from,
        0::bigint
        {%- for rule in var('rules') %}
        + case
            when states.chunk = {{ rule['chunk'] }}
                and {{ rule['condition_sql'] }}
                and (
                    not {{ rule['is_default'] }}
                    or states.turned_at >= known.known_from
                )
                then {{ rule['flag'] }}
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

    select
        changed.person_id,
        rules.user_segment,
        changed.turned_at,
        changed.held & rules.flag <> 0 as is_member
    from changed
    inner join rules
        on changed.chunk = rules.chunk and changed.turned & rules.flag <> 0

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
