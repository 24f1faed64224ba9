-- Links that touch no hub.
create temp view links_without_hubs as
with hubs as (select id_type, id_value from dim_identifiers where is_blocked)
select directed_links.*
from directed_links
anti join hubs as begins
    on directed_links.from_type = begins.id_type and directed_links.from_value = begins.id_value
anti join hubs as ends
    on directed_links.to_type = ends.id_type and directed_links.to_value = ends.id_value
