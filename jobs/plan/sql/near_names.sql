-- The rule of the macro `is_near_name`: of three letters one may differ, whatever the case and what
-- stands between words.
with names as (
    select
        expected.name as expected_name,
        catalog.event_name,
        catalog.type,
        catalog.events,
        regexp_replace(lower(expected.name), '[\s_.\-]+', '', 'g') as expected_folded,
        regexp_replace(lower(catalog.event_name), '[\s_.\-]+', '', 'g') as folded
    from (select unnest($names::varchar[]) as name) as expected
    cross join rpt_conversion_catalog as catalog
    where greatest(length(expected.name), length(catalog.event_name)) <= 200
)

select event_name, type, events, bool_or(expected_name = event_name)
from names
where levenshtein(expected_folded, folded) * 3
    <= greatest(length(expected_folded), length(folded))
group by event_name, type, events
order by min(levenshtein(expected_folded, folded)), events desc, event_name, type
limit 3
