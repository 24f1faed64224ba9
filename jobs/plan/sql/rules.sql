-- Rule segments: members now, and ever.
with persons_ever as (
    select user_segment, count(distinct person_id) as persons
    from fct_user_segment_memberships
    where origin = 'rule'
    group by user_segment
)
select sizes.user_segment, sizes.current_size, coalesce(persons_ever.persons, 0)
from dim_user_segments as sizes
left join persons_ever on sizes.user_segment = persons_ever.user_segment
where sizes.origin = 'rule'
