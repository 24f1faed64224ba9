-- One row per device or person of more identifiers than large_component, with the links
-- that look worst: between the two ends that hold most others.
with components as (

    select * from {{ ref('int_identifier_components') }}

),

large as (

    select
        component,
        count(*) as identifier_count
    from components
    group by component
    having count(*) > {{ var('identity')['large_component'] }}

),

members as (

    select components.*
    from components
    inner join large on components.component = large.component

),

links as (

    select
        members_a.component,
        links.*
    from {{ ref('int_identifier_links') }} as links
    inner join members as members_a on links.identifier_key_a = members_a.node
    inner join members as members_b on links.identifier_key_b = members_b.node
    where members_a.component = members_b.component

),

degrees as (

    select
        node,
        count(*) as degree
    from (
        select identifier_key_a as node from links
        union all
        select identifier_key_b from links
    ) as ends
    group by node

),

ranked as (

    select
        links.component,
        links.id_type_a || ':' || links.id_value_a || ' and '
        || links.id_type_b || ':' || links.id_value_b
        || ' (message ' || links.first_message.message_id || ')' as worst_link,
        row_number() over (
            partition by links.component
            order by
                degrees_a.degree * degrees_b.degree desc,
                links.observations,
                links.first_message desc,
                links.id_type_a asc,
                links.id_value_a asc,
                links.id_type_b asc,
                links.id_value_b asc
        ) as place
    from links
    inner join degrees as degrees_a on links.identifier_key_a = degrees_a.node
    inner join degrees as degrees_b on links.identifier_key_b = degrees_b.node

),

named as (

    select
        members.component,
        arg_min(
            seen.id_type || ':' || seen.id_value,
            struct_pack(
                is_other := seen.id_type <> 'user_id',
                first_message := seen.first_message,
                id_type := seen.id_type,
                id_value := seen.id_value
            )
        ) as name
    from members
    inner join {{ ref('int_identifiers') }} as seen
        on members.node = seen.identifier_key
    group by members.component

)

select
    named.name,
    large.identifier_count,
    string_agg(ranked.worst_link, '; ' order by ranked.place) as worst_links
from large
inner join named on large.component = named.component
inner join ranked on large.component = ranked.component and ranked.place <= 3
group by named.name, large.identifier_count
