-- One row per unit that an affected person is, or that a message of theirs carries or
-- carried, with and without the type before it.
with affected_persons as (

    select * from {{ ref('int_affected_persons') }}

),

carried as (

    select
        user_id_unit,
        anonymous_id_unit,
        account_unit
    from {{ delta('int_message_persons') }}
    union
    select
        user_id_unit,
        anonymous_id_unit,
        account_unit
    from {{ ref('int_message_persons') }}
    where person_id in (select affected_persons.person_id from affected_persons)

),

units as (

    select
        'person' as unit_type,
        person_id as unit_id
    from affected_persons
    union
    select
        'user_id' as unit_type,
        user_id_unit as unit_id
    from carried
    union
    select
        'anonymous_id' as unit_type,
        anonymous_id_unit as unit_id
    from carried
    union
    select
        'account' as unit_type,
        account_unit as unit_id
    from carried

)

select unit_id
from units
where unit_id is not null
union
select unit_type || ':' || unit_id as unit_id
from units
where unit_id is not null
