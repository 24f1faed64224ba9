-- Persons by how they are known.
select
    is_identified,
    count(*) as persons,
    sum(user_id_count)::bigint as user_ids,
    sum(anonymous_id_count)::bigint as anonymous_ids,
    max(user_id_count) as most_user_ids,
    max(anonymous_id_count) as most_anonymous_ids
from dim_persons
group by all
order by is_identified desc
