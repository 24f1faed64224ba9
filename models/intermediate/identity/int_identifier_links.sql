-- One row per pair of identifiers that stood on one message.
with members as (

    select * from {{ ref('int_identifier_set_members') }}

),

sets as (

    select * from {{ ref('int_identifier_sets') }}

)

select
    members_a.identifier_key as identifier_key_a,
    members_b.identifier_key as identifier_key_b,
    members_a.id_type as id_type_a,
    members_a.id_value as id_value_a,
    members_b.id_type as id_type_b,
    members_b.id_value as id_value_b,
    members_a.is_strong as is_strong_a,
    members_b.is_strong as is_strong_b,
    min(sets.first_message) as first_message,
    max(sets.last_message) as last_message,
    sum(sets.message_count)::bigint as observations
from members as members_a
inner join members as members_b
    on members_a.set_key = members_b.set_key
    and (members_a.id_type, members_a.id_value)
    < (members_b.id_type, members_b.id_value)
inner join sets on members_a.set_key = sets.set_key
group by all
