-- Distinct links, as many as the variable `links` says, in the shapes of identity: of a
-- hundred 98 stand in stars of 2 to 5 ids, one in chains of 50, one at a user of very many
-- ids. On top of them come `new_links`, a hundredth as many: 75 % bring an id to a star,
-- 20 % join two stars, 5 % bring an id to the great user.
create or replace macro node(kind, number) as md5(kind || '|' || number)::uuid;

create or replace table links as
with sizes as (

    select
        (getvariable('links') * 0.49)::bigint as stars,
        (getvariable('links') / 5000)::bigint as chains

),

star_links as (

    select
        node('star', stars.number) as node_a,
        node('leaf', stars.number || '-' || leaves.leaf) as node_b
    from sizes, range(sizes.stars) as stars(number), range(4) as leaves(leaf)
    where leaves.leaf < [1, 1, 1, 1, 2, 2, 2, 3, 3, 4][stars.number % 10 + 1]

),

chain_links as (

    select
        node('chain', chains.number || '-' || link) as node_a,
        node('chain', chains.number || '-' || (link + 1)) as node_b
    from sizes, range(sizes.chains) as chains(number), range(49) as links(link)

),

user_links as (

    select node('user', 0) as node_a, node('device', number) as node_b
    from sizes, range(getvariable('links') - stars * 2 - chains * 49) as devices(number)

)

select * from star_links
union all
select * from chain_links
union all
select * from user_links;

create or replace table new_links as
with sizes as (

    select (getvariable('links') * 0.49)::bigint as stars

)

select distinct
    case
        when number % 20 = 19 then node('user', 0)
        else node('star', hash(number, 'a') % stars)
    end as node_a,
    case
        when number % 20 between 15 and 18 then node('star', hash(number, 'b') % stars)
        else node('new', number)
    end as node_b
from sizes, range((getvariable('links') / 100)::bigint) as numbers(number);
