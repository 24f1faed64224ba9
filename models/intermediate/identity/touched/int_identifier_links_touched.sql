-- One row per pair of identifiers that stands, or stood, in a touched set.
with members as (

    select
        set_key,
        identifier_key,
        id_type,
        id_value
    from {{ ref('int_identifier_set_members') }}
    where set_key in (
            select touched.set_key
            from {{ ref('int_identifier_sets_touched') }} as touched
        )
    union
    select
        set_key,
        identifier_key,
        id_type,
        id_value
    from {{ changes('int_identifier_set_members') }}

)

select
    members_a.identifier_key as identifier_key_a,
    members_b.identifier_key as identifier_key_b
from members as members_a
inner join members as members_b
    on members_a.set_key = members_b.set_key
    and (members_a.id_type, members_a.id_value)
    < (members_b.id_type, members_b.id_value)
group by all
