{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per person, predicate about accounts or the CRM, and interval in which something
-- of theirs makes it hold. Intervals of two accounts may overlap.
with account_intervals as (

    select
        members.person_id,
        traits.trait,
        traits.value,
        greatest(members.member_from, traits.held_from) as held_from,
        least(members.member_to, traits.held_to) as held_to
    from {{ ref('int_account_memberships') }} as members
    inner join {{ ref('int_account_trait_intervals') }} as traits
        on members.account_id = traits.account_id

),

intervals as (

    {% for predicate in segment_predicates(['account']) -%}
    select
        person_id,
        {{ predicate['number'] }} as predicate,
        held_from,
        held_to
    from account_intervals
    where trait = {{ text_literal(predicate['name']) }}
        and ({{ predicate['condition_sql'] }})
    union all
    {% endfor -%}
    {% for predicate in segment_predicates(['lead', 'contact']) -%}
    select
        person_id,
        {{ predicate['number'] }} as predicate,
        holds_from as held_from,
        holds_to as held_to
    from (
        select
            *,
            (fields -> {{ json_pointer(predicate['name']) }})::varchar as value
        from {{ ref('int_crm_states') }}
        where object = '{{ predicate['kind'] }}'
    ) as records
    where {{ predicate['condition_sql'] }}
    union all
    {% endfor -%}
    select
        person_id,
        null::integer as predicate,
        held_from,
        held_to
    from account_intervals
    where false

)

-- A person may have the same interval by two accounts: one row each would be one too many.
select distinct *
from intervals
where (held_to is null or held_from < held_to)
    {% if is_incremental() %}
    and person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}
