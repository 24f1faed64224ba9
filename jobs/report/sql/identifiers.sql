-- Identifiers by type: blocked ones, devices of several persons, and the most links of one.
select
    id_type,
    count(distinct id_value) as identifiers,
    count(distinct id_value) filter (where is_blocked) as blocked,
    count(distinct id_value) filter (where owners > 1) as shared,
    max(link_count) as most_links
from (
    select *, count(*) over (partition by id_type, id_value) as owners
    from dim_identifiers
)
group by all
order by all
