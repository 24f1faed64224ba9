{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per person and instant at which a predicate of `segments` turned true or
-- false; of somebody nothing is known of, it is false.
with predicates as (

    select * from {{ source('raw', 'config_predicates') }}

),

asked as (

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
        asked.asked.value,
        predicates.measure,
        asked.occurred_at + to_seconds(predicates.within_seconds) as forgotten_at
    from asked
    inner join predicates on asked.asked.predicate = predicates.predicate

),

-- Of the first or the last message with a value, the interval of that value counts.
valued as (

    select
        *,
        row_number() over in_order as place,
        lead(occurred_at) over in_order as next_at
    from matches
    where measure in ('first', 'last') and value is not null
    window in_order as (
        partition by person_id, predicate order by occurred_at, received_at, message_id
    )

),

-- A message counts from its instant on, for as long as the predicate says.
intervals as (

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
    union all
    select
        person_id,
        predicate,
        occurred_at as held_from,
        forgotten_at as held_to,
        case measure when 'sum' then value::bigint else 1 end as amount
    from matches
    where measure = 'count' or (measure = 'sum' and value is not null)
    union all
    select
        person_id,
        predicate,
        occurred_at as held_from,
        case measure when 'last' then least(forgotten_at, next_at) else forgotten_at end
            as held_to,
        1 as amount
    from valued
    where (measure = 'last' or place = 1)
        and {{ is_value_met('predicate') }}
        and (held_to is null or occurred_at < held_to)

),

steps as (

    select
        person_id,
        predicate,
        held_from as turned_at,
        1 as intervals,
        amount
    from intervals
    union all
    select
        person_id,
        predicate,
        held_to as turned_at,
        -1 as intervals,
        -amount as amount
    from intervals
    where held_to is not null

),

totals as (

    select
        person_id,
        predicate,
        turned_at,
        sum(sum(intervals)) over so_far as intervals,
        sum(sum(amount)) over so_far as total
    from steps
    group by person_id, predicate, turned_at
    window so_far as (partition by person_id, predicate order by turned_at)

),

states as (

    select
        totals.person_id,
        totals.predicate,
        totals.turned_at,
        null as received_at,
        null as message_id,
        totals.intervals > 0 and case predicates.operator
            when '>=' then totals.total >= predicates.bound
            when '>' then totals.total > predicates.bound
            when '=' then totals.total = predicates.bound
            else true
        end as is_met
    from totals
    inner join predicates on totals.predicate = predicates.predicate
    union all
    select
        changes.person_id,
        predicates.predicate,
        changes.changed_at as turned_at,
        changes.received_at,
        changes.message_id,
        coalesce({{ is_value_met('predicates.predicate') }}, false) as is_met
    from {{ ref('int_trait_changes') }} as changes
    inner join predicates
        on changes.trait = predicates.name and predicates.kind = 'trait'
    {% if is_incremental() %}
    where changes.person_id in (
        select affected.person_id from {{ ref('int_affected_persons') }} as affected
    )
    {% endif %}
    union all
    select
        changes.person_id,
        predicates.predicate,
        changes.changed_at as turned_at,
        changes.received_at,
        changes.message_id,
        changes.is_member as is_met
    from {{ ref('int_audience_changes') }} as changes
    inner join predicates
        on changes.audience = predicates.name and predicates.kind = 'audience'
    {% if is_incremental() %}
    where changes.person_id in (
        select affected.person_id from {{ ref('int_affected_persons') }} as affected
    )
    {% endif %}

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
