-- As if everybody had been let into a test when first seen.
select
    (
        select count(distinct dim_persons.person_id)
        from dim_persons
        inner join fct_conversions on dim_persons.person_id = fct_conversions.person_id
        where fct_conversions.conversion = $conversion
            and fct_conversions.converted_at >= dim_persons.first_seen_at
            and fct_conversions.converted_at < dim_persons.first_seen_at + to_seconds($window)
    )::double,
    count(*),
    count(*) filter (
        where first_seen_at > as_of() - to_days($days) and first_seen_at <= as_of()
    )::double,
    least($days, greatest(1, epoch(as_of() - min(first_seen_at)) / 86400))
from dim_persons
where first_seen_at is not null
