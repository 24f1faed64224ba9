-- One row per person, record of the CRM and interval in which it was theirs.
with ordered as (

    select
        *,
        lag(holds_to) over (
            partition by person_id, object, record_id
            order by holds_from
        ) as held_before_to
    from {{ ref('int_crm_states') }}

),

spells as (

    -- Another value of a field does not make it another record.
    select
        *,
        count(*) filter (
            where held_before_to is null or held_before_to < holds_from
        ) over (
            partition by person_id, object, record_id
            order by holds_from
        ) as spell
    from ordered

)

select
    person_id,
    object,
    record_id,
    min(holds_from) as holds_from,
    -- Only the last interval can be open.
    case when bool_and(holds_to is not null) then max(holds_to) end as holds_to,
    bool_or(is_retrospective) as is_retrospective
from spells
group by person_id, object, record_id, spell
