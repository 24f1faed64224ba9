-- Links between identifiers of the same persons.
create or replace temp table links_of_persons as
with members as (
    select id_type, id_value from dim_identifiers where person_id in (select unnest(?)) group by all
)
select directed_links.*
from directed_links
semi join members as begins
    on directed_links.from_type = begins.id_type and directed_links.from_value = begins.id_value
semi join members as ends
    on directed_links.to_type = ends.id_type and directed_links.to_value = ends.id_value
