{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per person and instant at which a predicate of `segments` turned true or
-- false; of somebody nothing is known of, it is false.
with asked as (

    select
        person_id,
        occurred_at,
        received_at,
        message_id,
        unnest(asked) as asked
    from {{ ref('int_person_histories') }}
    where len(asked) > 0
        {% if is_incremental() %}
        and person_id in (select person_id from {{ ref('int_affected_persons') }})
        {% endif %}

),

matches as (

    select
        asked.person_id,
        asked.occurred_at,
        asked.received_at,
        asked.message_id,
        asked.asked.predicate,
        asked.asked.value
    from asked

),

-- A message counts from its instant on, for as long as the predicate says.
spells as (

    select
        person_id,
        predicate,
        occurred_at as held_from,
        null::timestamp as held_to,
        1 as amount
    from matches
    where false
    union all
    select
        person_id,
        predicate,
        held_from,
        held_to,
        1 as amount
    from {{ ref('int_predicate_intervals') }}
    {% if is_incremental() %}
    where person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}
    {%- for predicate in event_predicates() %}
    union all
    {{ event_spells('matches', predicate) }}
    {%- endfor %}

),

steps as (

    select
        person_id,
        predicate,
        held_from as turned_at,
        1 as spells,
        amount
    from spells
    union all
    select
        person_id,
        predicate,
        held_to as turned_at,
        -1 as spells,
        -amount as amount
    from spells
    where held_to is not null

),

totals as (

    select
        person_id,
        predicate,
        turned_at,
        sum(sum(spells)) over so_far as spells,
        sum(sum(amount)) over so_far as total
    from steps
    group by person_id, predicate, turned_at
    window so_far as (partition by person_id, predicate order by turned_at)

),

states as (

    select
        person_id,
        predicate,
        turned_at,
        null as received_at,
        null as message_id,
        spells > 0 and {{ is_reached('predicate') }} as is_met
    from totals
    {%- for predicate in segment_predicates(['trait', 'audience']) %}
    union all
    {{ state_changes(predicate) }}
        {% if is_incremental() %}
        and person_id in (select person_id from {{ ref('int_affected_persons') }})
        {% endif %}
    {%- endfor %}

),

turns as (

    select
        *,
        lag(is_met, 1, false) over (
            partition by person_id, predicate
            order by turned_at, received_at, message_id
        ) as was_met
    from states

)

select
    person_id,
    predicate,
    turned_at
from turns
where is_met <> was_met
group by all
-- What turns twice in one instant stays as it was.
having count(*) % 2 = 1
