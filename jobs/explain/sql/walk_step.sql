-- One link further from everything met so far. What two users share does not tie them:
-- within a person no chain leads through a device from one strong identifier to another.
insert into reached
select
    links.to_type, links.to_value,
    reached.has_strong or links.to_type in ('user_id', 'email'),
    $distance,
    links.from_type, links.from_value,
    links.first_message_id, links.first_seen_at, links.last_seen_at, links.observations
from reached
inner join {links} as links
    on reached.id_type = links.from_type and reached.id_value = links.from_value
anti join reached as known
    on links.to_type = known.id_type and links.to_value = known.id_value
where reached.distance = $distance - 1
    and (
        $across_persons
        or links.to_type not in ('user_id', 'email')
        or links.from_type in ('user_id', 'email')
        or not reached.has_strong
    )
qualify row_number() over (
    partition by links.to_type, links.to_value
    order by links.first_seen_at, links.first_message_id, links.from_type, links.from_value
) = 1
