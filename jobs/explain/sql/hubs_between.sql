-- Hubs that share a message with both identifiers, or are one of the two.
with near_a as (
    select to_type, to_value from directed_links where from_type = $type_a and from_value = $value_a
    union
    select $type_a, $value_a
),
near_b as (
    select to_type, to_value from directed_links where from_type = $type_b and from_value = $value_b
    union
    select $type_b, $value_b
),
near_both as (select * from near_a intersect select * from near_b)
select dim_identifiers.id_type, dim_identifiers.id_value
from near_both
inner join dim_identifiers
    on near_both.to_type = dim_identifiers.id_type
    and near_both.to_value = dim_identifiers.id_value
where dim_identifiers.is_blocked
order by all
