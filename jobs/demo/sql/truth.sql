-- What a correct warehouse must count, from the messages alone and by the rules of identity: no
-- table that people, visits or outcomes were drawn into is read here.

create view staged as
from messages
where not is_duplicate and not is_reject;

create table links as
select
    number, occurred_at, if(anon = getvariable('zeros'), null, coalesce(anon, previous_anon)) as anon,
    mutiny, if(user_number >= getvariable('useless_user'), null, user_number) as user_number
from staged
where not is_excluded and source <> 'engage';

-- A hub: an id that too many users share to tell anybody apart.
create table hubs as
select 'anon' as kind, anon as id from links group by anon having count(distinct user_number) > 100
union all
select 'mutiny', mutiny from links group by mutiny having count(distinct user_number) > 100;

-- Anonymous ids that share a Mutiny id are one device.
create table devices as
select
    anon,
    coalesce('mutiny ' || min(mutiny) filter (where mutiny not in (
        select id from hubs where kind = 'mutiny'
    )), 'anonymous ' || anon) as device
from links
where anon is not null and anon not in (select id from hubs where kind = 'anon' and id is not null)
group by anon;

create table logins_of_devices as
select device, occurred_at, coalesce(renames.user_number, links.user_number) as user_number
from links
inner join devices using (anon)
left join renames on links.user_number = renames.previous_user
where links.user_number is not null;

-- A message is its user's; else that of the next login on its device, else of the last, else of
-- the device.
create table counted as
with relevant as (

    select
        number, staged.occurred_at, received_at, experience, segment, is_personalized, conversion,
        order_number, integrations, allows_ads, company, device,
        coalesce(renames.user_number, if(
            staged.user_number < getvariable('useless_user'), staged.user_number, null
        )) as user_number
    from staged
    left join renames on staged.user_number = renames.previous_user
    left join devices using (anon)
    where not is_excluded and coalesce(experience, conversion, company) is not null

), nameless as (

    select
        relevant.* exclude (user_number),
        coalesce(next_login.user_number, last_login.user_number) as user_number
    from relevant
    asof left join logins_of_devices as next_login
        on relevant.device = next_login.device and relevant.occurred_at <= next_login.occurred_at
    asof left join logins_of_devices as last_login
        on relevant.device = last_login.device and relevant.occurred_at >= last_login.occurred_at
    where relevant.user_number is null

)

select * exclude (device, user_number), coalesce('user ' || user_number, device) as person
from (
    from nameless
    union all by name
    from relevant where user_number is not null
);

create table assignments as
select
    experience, segment, person,
    min(occurred_at) as first_exposed_at,
    arg_min(is_personalized, row(occurred_at, received_at, number)) as is_personalized
from (select * replace (unnest([segment, -1]) as segment) from counted)
where experience is not null and person is not null
group by all;

-- Of the messages of one order only the first that the vendor received counts.
create table received_conversions as
select vendor, person, conversion, occurred_at as converted_at
from counted
cross join vendors
where
    conversion is not null
    and is_delivered(integrations, integration)
    and (not needs_ads or allows_ads is distinct from false)
qualify order_number is null or row_number() over (
    partition by vendor, order_number order by occurred_at, received_at, number
) = 1;

create table observed as
select
    experience, segment, is_personalized, conversion,
    count(distinct person) as visitors,
    count(distinct person) filter (
        where converted_at >= first_exposed_at and converted_at < first_exposed_at + interval 7 day
    ) as converters
from assignments
inner join experiences using (experience)
cross join conversions
left join received_conversions using (vendor, person, conversion)
group by all;

-- The rates that were drawn: the mean over everybody who sees the experience, whatever the arm, as
-- if all were in one arm; other experiences are taken at their even split. The sum of decimals does
-- not depend on their order.
create table rates as
select
    experience, coalesce(segment, -1) as segment, conversion,
    unnest([false, true]) as is_personalized,
    unnest([avg(control), avg(control * effect)]) as drawn_rate,
    unnest([avg(control * revealed), avg(control * effect * revealed)]) as true_rate
from (
    select
        experience, segment, conversion, effects[conversion]::decimal(6, 3) as effect,
        (expected * 2 / (1 + effect))::decimal(18, 12) as control, is_revealed::integer as revealed
    from first_views
    inner join experiences using (experience)
    inner join outcomes using (person)
    inner join revealed using (person, conversion, vendor)
)
group by grouping sets ((experience, segment, conversion), (experience, conversion));

create table results as
select
    vendor, shown as experience, audience_segment, counted as conversion, 7 as window_days,
    {control: any_value(figures) filter (where not is_personalized),
        personalized: any_value(figures) filter (where is_personalized)} as arms,
    round(round(
        max(true_rate) filter (where is_personalized)
        / nullif(max(true_rate) filter (where not is_personalized), 0), 9
    ) - 1, 9) as true_lift
from (
    select
        *,
        {
            visitors: coalesce(visitors, 0),
            converters: coalesce(converters, 0),
            true_rate: round(coalesce(true_rate, 0), 9),
            drawn_rate: round(coalesce(drawn_rate, 0), 9)
        } as figures
    from (select vendor, experience, name as shown from experiences)
    inner join (
        select experience, segment, name as audience_segment
        from audience_segments
        where name is not null
        union all
        select experience, -1, '(all)'
        from experiences
    ) using (experience)
    cross join (select conversion, name as counted from conversions)
    cross join (values (false), (true)) as t (is_personalized)
    left join observed using (experience, segment, conversion, is_personalized)
    left join rates using (experience, segment, conversion, is_personalized)
) as arms
group by vendor, shown, counted, audience_segment, arms.experience, segment, arms.conversion
order by arms.experience, segment < 0, segment, arms.conversion;

-- The company as it was designed, before anybody was drawn.
create macro by_conversion(figures) as
    {signup: figures[1], "order": figures[2], demo_request: figures[3]};
create table design as
select
    0.5 as split,
    getvariable('file_days') as file_days,
    (select by_conversion(list(base_rate order by conversion)) from conversions) as base_rates,
    (select by_conversion(list(customer_factor order by conversion)) from conversions)
        as customer_factors,
    list({experience: name, page: path, segments: segments} order by experience) as experiences
from (
    select
        experience, experiences.name, path,
        list({
            audience_segment: coalesce(segments.name, '(all)'),
            share: share,
            rate_factors: by_conversion(rates),
            effects: by_conversion(effects)
        } order by segment) as segments
    from experiences
    inner join audience_segments as segments using (experience)
    inner join pages using (page)
    group by all
);

create table totals as
select
    count(*) as messages,
    strftime(max(received_at) filter (where not is_reject), '%Y-%m-%dT%H:%M:%S.%gZ') as as_of
from messages;

create table accounts as
select count(distinct company) as accounts, count(distinct row(person, company)) as memberships
from counted
where company is not null and person is not null;

-- How many messages have what destinations make something of.
create table message_counts as
select
    count_if(type = 'page' and name is null) as pages_without_name,
    count_if(type = 'page' and name is not null) as pages_with_name,
    count_if(type = 'screen' and name is null) as screens_without_name,
    count_if(type = 'screen' and name is not null) as screens_with_name,
    count_if(type = 'group') as group_calls,
    count_if(type = 'alias') as alias_calls,
    count_if(event = 'Order Completed') as orders,
    coalesce(sum(len(regexp_extract_all(properties, '"product_id"')))
        filter (where event = 'Order Completed'), 0)::bigint as order_products,
    count_if(event = 'get_treatment') as treatments,
    count_if(event = 'get_treatment' and contains(properties, '"staging"'))
        as treatments_of_another_environment,
    count_if(event = 'get_treatment' and contains(properties, '"treatment":"control"'))
        as treatments_of_control,
    count_if(event = 'Campaign Viewed') as campaign_views,
    count_if(contains(properties, '"id":')) as reserved_properties,
    count_if(contains(properties, '"split":{')) as tracks_with_split,
    count_if(allows_ads is not null) as messages_with_consent,
    count_if(contains(traits, ':{"')) as traits_with_objects,
    count_if(contains(traits, '"message":')) as long_traits,
    count_if(integrations = '{"All":false}') as all_switched_off,
    count_if(integrations = '{"Mutiny":false}') as mutiny_switched_off,
    count_if(integrations = '{"Mixpanel":false}') as mixpanel_switched_off,
    count_if(integrations = '{"Split":false}') as split_switched_off,
    count_if(integrations = '{"Markettailor":false}') as abmatic_switched_off
from staged;
