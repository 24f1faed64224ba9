-- One row per pair of identifiers that is, or was, in an affected combination.
select
    members_a.identifier_key as identifier_key_a,
    members_b.identifier_key as identifier_key_b
from {{ ref('int_affected_members') }} as members_a
inner join {{ ref('int_affected_members') }} as members_b
    on members_a.combination_key = members_b.combination_key
    and (members_a.id_type, members_a.id_value)
    < (members_b.id_type, members_b.id_value)
group by all
