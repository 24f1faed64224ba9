-- Persons absorbed by another, by week and by the types of identifiers that tied them.
select
    date_trunc('week', occurred_at)::date as week,
    id_type_a,
    id_type_b,
    count(*) as merges
from fct_identity_merges
group by all
order by all
