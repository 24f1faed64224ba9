-- Identifiers that may be meant: another case or blanks around it add no distance.
select
    id_type, id_value,
    any_value(levenshtein(lower(trim(id_value)), lower(trim($value)))) as distance
from dim_identifiers
where abs(length(id_value) - length($value)) <= 8
group by id_type, id_value
having distance <= least(2, length(trim($value)) // 4)
order by distance, id_type, id_value
limit 5
