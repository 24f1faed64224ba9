{{ config(materialized='incremental', unique_key='person_id', delta=true) }}
-- One row per person, predicate about accounts or the CRM, and spell in which something
-- of theirs makes it hold. Spells of two accounts may overlap.
with account_spells as (

    select
        members.person_id,
        traits.trait,
        traits.value,
        greatest(members.member_from, traits.held_from) as held_from,
        least(members.member_to, traits.held_to) as held_to
    from {{ ref('int_account_memberships') }} as members
    inner join {{ ref('int_account_trait_spells') }} as traits
        on members.account_id = traits.account_id

),

spells as (

    {% for predicate in segment_predicates(['account']) -%}
    select
        person_id,
        {{ predicate['number'] }} as predicate,
        held_from,
        held_to
    from account_spells
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
    from account_spells
    where false

)

-- A person may have the same spell by two accounts: one row each would be one too many.
select distinct *
from spells
where held_to is null or held_from < held_to
