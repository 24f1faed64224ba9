{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per person, predicate about accounts or the CRM, and interval in which
-- something of theirs makes it hold. Intervals of two accounts may overlap.
with predicates as (

    select * from {{ source('raw', 'config_predicates') }}

),

values_held as (

    select
        members.person_id,
        predicates.predicate,
        traits.value,
        greatest(members.member_from, traits.held_from) as held_from,
        least(members.member_to, traits.held_to) as held_to
    from {{ ref('int_account_memberships') }} as members
    inner join {{ ref('int_account_trait_intervals') }} as traits
        on members.account_id = traits.account_id
    inner join predicates
        on traits.trait = predicates.name and predicates.kind = 'account'
    union all
    select
        records.person_id,
        predicates.predicate,
        (records.fields -> ({{ json_pointer_to('predicates.name') }}))::varchar
            as value,
        records.holds_from as held_from,
        records.holds_to as held_to
    from {{ ref('int_crm_states') }} as records
    inner join predicates on records.object = predicates.kind

)

-- A person may have the same interval by two accounts: one row each would be one too
-- many.
select
    person_id,
    predicate,
    held_from,
    held_to
from values_held
where (held_to is null or held_from < held_to)
    and {{ is_value_met('predicate') }}
{% if is_incremental() %}
    and person_id in (select person_id from {{ ref('int_affected_persons') }})
{% endif %}
group by all
