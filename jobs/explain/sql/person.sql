-- A person, with how much there is to show of it.
select
    person_id, is_identified, first_seen_at, last_seen_at, email,
    (
        select count(distinct (id_type, id_value))
        from dim_identifiers
        where dim_identifiers.person_id = dim_persons.person_id
    ),
    user_id_count,
    anonymous_id_count,
    (select count(*) from fct_exposures where fct_exposures.person_id = dim_persons.person_id),
    (select count(*) from fct_conversions where fct_conversions.person_id = dim_persons.person_id),
    (
        select count(*)
        from links_of_persons
        where from_type in ('user_id', 'email') and to_type not in ('user_id', 'email')
    )
from dim_persons
where person_id = ?
