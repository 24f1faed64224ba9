-- Every message of the month, one `insert` per kind of message. `properties` and `traits` are the
-- members of an object; ids and pages are numbers and become text when the messages are written.

create table events (
    source varchar,
    type varchar default 'track',
    event varchar,
    name varchar,
    t timestamp,
    person bigint,
    anon bigint,
    user_number bigint,
    mutiny bigint,
    previous_anon bigint,
    previous_user bigint,
    company bigint,
    allows_ads boolean,
    page utinyint,
    campaign utinyint,
    referrer varchar,
    integrations varchar default '{}',
    properties varchar,
    traits varchar,
    -- What the truth is computed from.
    experience utinyint,
    segment utinyint,
    is_personalized boolean,
    conversion utinyint,
    order_number bigint,
    is_excluded boolean default false
);

-- What an experience sends. Careless code spells a few arms as text and loses a few fields: those
-- exposures are incomplete.
create macro mutiny_properties(experience, shown, variation, is_personalized, slip) as concat_ws(
    ',',
    if(slip between 0.004 and 0.006, null, format('"experience":"{}"', experience)),
    format('"audienceSegment":"{}"', shown),
    '"personalized":' || case
        when slip < 0.002 then 'null'
        when slip < 0.004 then format('"{}"', is_personalized)
        else is_personalized::varchar
    end,
    format('"variation":"{}"', if(is_personalized, variation, 'Control'))
);
create macro is_complete(slip) as slip >= 0.002 and not slip between 0.004 and 0.006;

-- The browser sends the user id by itself, once a login has been seen in it.
create table browsing as
select views.*, if(carries_user and t > known_since, person, null) as user_number
from page_views as views
inner join people using (person)
left join (select distinct person, anon, known_since from logins) using (person, anon);

insert into events by name
select
    'web' as source, 'page' as type, t, person, anon, page, campaign, referrer, browsing.allows_ads,
    pages.name,
    -- A few pages send a useless user id.
    case
        when user_number is null and draw('useless', page_view) < 0.002
            then getvariable('useless_user') + page_view % 2
        else user_number
    end as user_number
from browsing
inner join pages using (page);

insert into events by name
select
    if(vendor = 'split', 'flags', 'web') as source,
    case vendor
        when 'mutiny' then 'Mutiny Experience Viewed'
        when 'split' then 'get_treatment'
        else 'Campaign Viewed'
    end as event,
    seen_at as t, exposures.person, user_number, exposures.page, campaign, referrer, segment,
    is_personalized,
    if(vendor = 'split', null, allows_ads) as allows_ads,
    -- Split's key is the user id, else the anonymous id.
    if(vendor = 'split' and user_number is not null, null, anon) as anon,
    case vendor
        when 'mutiny' then mutiny_properties(
            experiences.name, segments.name, pick(variations, 'variation', person), is_personalized,
            draw('slip', exposure)
        )
        when 'split' then format(
            '"split":"{}","treatment":"{}","environmentName":"prod","label":"in segment all"',
            experiences.name, if(is_personalized, 'on', 'off')
        )
        else format(
            '"campaign_id":"{}","variation_id":"{}","visitor_segment":"{}"', experiences.name,
            if(is_personalized, variations[1], 'control'), segments.name
        )
    end as properties,
    if(vendor <> 'mutiny' or is_complete(draw('slip', exposure)), experience, null) as experience
from exposures
inner join (select page_view, user_number from browsing) using (page_view)
inner join experiences using (experience)
inner join audience_segments as segments using (experience, segment);

-- Evaluations that are not exposures: Split's SDK was not ready, or it was another environment.
insert into events by name
select
    'flags' as source, 'get_treatment' as event, t - interval 700 millisecond as t, person, anon,
    format(
        '"split":"product_tour","treatment":"{}","environmentName":"{}","label":"{}"',
        if(page_view % 2 = 0, 'control', 'on'), if(page_view % 2 = 0, 'prod', 'staging'),
        if(page_view % 2 = 0, 'not ready', 'in segment all')
    ) as properties
from browsing
where page = 2 and draw('no treatment', page_view) < 0.05;

-- A few clicks name their traffic type themselves.
insert into events by name
select
    'web' as source, 'CTA Clicked' as event, t + seconds(2, 20, 'click', page_view) as t,
    person, anon, user_number, page, campaign, referrer, allows_ads,
    pick([
        '"label":"Start free trial","location":"hero","destination":"/signup"',
        '"label":"Request a demo","location":"header","destination":"/demo"',
        '"label":"See pricing","location":"footer","destination":"/pricing"'
    ], 'cta', page_view) || if(
        draw('split', page_view) < 0.05,
        format(',"split":{{"anonymous":"{}"}}', anon_text(anon)), ''
    ) as properties
from browsing
where draw('clicks', page_view) < 0.09;

-- `identify(null, {mutinyVisitorId})`: on the first visit of each cookie, then now and then.
insert into events by name
select
    'web' as source, 'identify' as type, t + seconds(0.9, 2.6, 'mutiny', session) as t,
    person, anon, user_number, device as mutiny, page, campaign, referrer, browsing.allows_ads
from browsing
inner join people using (person)
where has_mutiny and page_view % 16 = 0
    and (session % 8 = 0 or anon % 4 = 1 or draw('again', session) < 0.25);

insert into events by name
select
    'web' as source, unnest(['page', 'track']) as type,
    unnest([null, 'Demo Requested']) as event, unnest(['Demo', null]) as name,
    unnest([sent.t - interval 50 second, sent.t]) as t,
    unnest([null, 3]) as conversion, unnest(['{}', integrations]) as integrations,
    person, browser_at(visitors, sent.t) as anon, allows_ads, 9 as page,
    'https://www.larkfield.example/' as referrer,
    format('"form":"request-a-demo","team_size":{},"source":"website"', 5 + person % 400)
        as properties
from sent_conversions as sent
inner join visitors using (person)
where sent.conversion = 3;

-- A lead says who it is. A few leads say a lot.
insert into events by name
select
    'web' as source, 'identify' as type, sent.t + interval 900 millisecond as t, person,
    browser_at(visitors, sent.t) as anon, allows_ads, 9 as page,
    format('"email":"{}","name":"{} {}","title":"{}"', email, first_name, last_name, title)
    || if(
        draw('long', person) < 0.1,
        format(',"message":"{}","budget":{{"amount":{},"currency":"USD"}}',
            repeat('We plan shifts for several plants. ', 9), 1000 * (person % 40)),
        ''
    ) as traits
from sent_conversions as sent
inner join visitors using (person)
inner join profiles using (person)
where sent.conversion = 3;

insert into events by name
select
    'web' as source, 'page' as type, 'Sign Up' as name, sent.t - interval 100 second as t, person,
    browser_at(visitors, sent.t) as anon, allows_ads, 8 as page,
    'https://www.larkfield.example/' as referrer
from sent_conversions as sent
inner join visitors using (person)
where sent.conversion = 1 and account in ('same browser', 'alias');

insert into events by name
select
    if(in_product, 'product', 'backend') as source, 'Signed Up' as event, sent.t, person,
    person as user_number, 1 as conversion, integrations,
    case
        when in_product and (account = 'same browser' or signs_up_late)
            then browser_at(visitors, sent.t)
        when in_product then 4 * person + 2
    end as anon,
    if(in_product, visitors.company, null) as company,
    if(in_product, allows_ads, null) as allows_ads,
    if(in_product, 11, null) as page,
    format('"type":"organic","plan":"Trial","email":"{}","company_id":"{}"', email, company_id)
        as properties
from (select *, signs_up_late or signs_up_in_product as in_product from visitors) as visitors
inner join sent_conversions as sent using (person)
inner join profiles using (person)
where sent.conversion = 1;

-- An order is a function of its number, so that a repeat of it says the same.
create macro cents(amount) as printf('%d.%02d', (amount)::bigint // 100, (amount)::bigint % 100);
create table orders as
select
    *,
    format(
        '"order_id":"ord_{0}","checkout_id":"chk_{0}","affiliation":"Larkfield","subtotal":{1},'
        || '"discount":{2},"shipping":0,"tax":{3},"total":{4},"revenue":{5},"currency":"USD",'
        || '"company_id":"{6}","products":[{7}]',
        printf('%09d', order_number), cents(subtotal), cents(discount), cents(tax),
        cents(subtotal - discount + tax), cents(subtotal - discount), company_id, products
    ) as properties
from (
    select
        sent.*,
        people.company,
        company_id,
        whole('lines', order_number, 1, 4) as lines,
        whole('seats', order_number, 2, 40) as seats,
        pick([1900, 3900, 7900], 'plan', order_number) as price,
        price * seats + if(lines > 1, 49900, 0) + if(lines > 2, 9900 * 2, 0) as subtotal,
        if(draw('coupon', order_number) < 0.2, subtotal * 15 // 100, 0) as discount,
        (subtotal - discount) * 8 // 100 as tax,
        concat_ws(
            ',',
            format('{{"product_id":"plan_{0}","sku":"LF-{0}","category":"Subscription",'
                || '"name":"Larkfield plan","price":{1},"quantity":{2},"position":1}}',
                price // 100, cents(price), seats),
            if(lines > 1, '{"product_id":"onboarding","sku":"LF-ON","category":"Services",'
                || '"name":"Onboarding","price":499.00,"quantity":1,"position":2}', null),
            if(lines > 2, '{"product_id":"support","sku":"LF-SU","category":"Services",'
                || '"name":"Priority support","price":99.00,"quantity":2,"position":3}', null)
        ) as products
    from sent_conversions as sent
    inner join people using (person)
    inner join companies using (company)
    where conversion = 2
);

insert into events by name
select
    'backend' as source, 'Order Completed' as event, t, person, person as user_number, company,
    2 as conversion, order_number, properties, integrations
from orders;

insert into events by name
select
    'backend' as source, 'Order Refunded' as event, t + days(1, 6, 'refunded', order_number) as t,
    person, person as user_number, company, properties
from orders
where reason in ('drawn', 'late', 'early') and draw('refund', order_number) < 0.03;

-- Analytics.js sends the traits that it has cached again with every login.
insert into events by name
select
    'product' as source, 'identify' as type, logins.t, person, anon, person as user_number,
    people.company, allows_ads, if(anon % 4 = 2, null, 11) as page,
    if(has_mutiny and anon % 4 <> 2, device, null) as mutiny,
    concat_ws(
        ',',
        format('"email":"{}","firstName":"{}","lastName":"{}","title":"{}"', email, first_name,
            last_name, title),
        format('"createdAt":"2025-{:02d}-11T09:00:00.000Z"', 1 + person % 12),
        company_traits,
        '"mutinyVisitorId":"' || mutiny_text(mutiny) || '"'
    ) as traits
from logins
inner join people using (person)
inner join profiles using (person);

insert into events by name
select
    'product' as source, 'group' as type, t + interval 1200 millisecond as t, person, anon,
    person as user_number, people.company, allows_ads, if(anon % 4 = 2, null, 11) as page,
    format('"name":"{}","industry":"{}","employees":{},"plan":"{}","company_id":"{}",'
        '"total billed":{}', name, industry, employees, plan, company_id, whole('billed', people.company, 0, 90000))
        as traits
from logins
inner join people using (person)
inner join companies using (company)
where draw('group', login) < 0.4;

insert into events by name
select
    'product' as source,
    case when not is_view then 'track' when anon % 4 = 2 then 'screen' else 'page' end as type,
    case type
        when 'screen'
            then pick(['Shift Board', 'Forecast', 'Approvals', 'Inbox', null], 'screen', action)
        when 'page' then pages.name
    end as name,
    if(is_view, null, pick(features, 'feature', action).event) as event,
    acts_at as t, person, anon, person as user_number, people.company, allows_ads,
    if(anon % 4 = 2, null, pages.page) as page,
    case type
        when 'track' then format('"company_id":"{}",', company_id) || format(
            pick(features, 'feature', action).properties, whole('number', action, 1, 80)
        )
        when 'screen' then '"orientation":"portrait"'
    end as properties
from actions
inner join people using (person)
inner join companies using (company)
inner join pages on pages.page = whole('page', action, 10, 14)
cross join (select [
    {event: 'Forecast Created', properties: '"horizon_days":{},"method":"ensemble"'},
    {event: 'Dashboard Viewed', properties: '"dashboard":"overview","widgets":{}'},
    {event: 'Scenario Compared', properties: '"scenarios":{},"baseline":"current roster"'},
    {event: 'Integration Connected', properties: '"integration":"Snowflake","tables":{}'},
    -- `id` is a name that Mixpanel reserves.
    {event: 'Report Exported', properties: '"id":"rep_{}","format":"xlsx"'}
] as features);

-- The billing service knows users by their user id only.
insert into events by name
select
    'backend' as source, 'identify' as type, since + seconds(2, 30, 'traits', person) as t, person,
    person as user_number, users.company,
    format('"email":"{}","firstName":"{}","lastName":"{}",{},"plan":"{}","seats":{}', email,
        first_name, last_name, company_traits, plan, 3 + person % 60) as traits
from users
inner join profiles using (person)

union all by name

select
    'backend' as source, 'identify' as type, account_at as t, person, person as user_number,
    format('"email":"{}","plan":"{}"', email, plan) as traits
from visitors
inner join profiles using (person)
where account = 'alias' and account_at is not null and not signs_up_late

union all by name

select
    'backend' as source, 'alias' as type, account_at + interval 2 second as t, person,
    person as user_number, browser_at(visitors, account_at) as previous_anon
from visitors
where account = 'alias' and account_at is not null and not signs_up_late;

insert into events by name
select
    'backend' as source, 'Invoice Paid' as event, person, person as user_number, company,
    getvariable('start') + days(0, date_diff('day', getvariable('start'), getvariable('end')),
        'invoice', person) as t,
    format('"invoice_id":"inv_{:07d}","amount":{},"status":"paid"', person,
        cents(4900 + 100 * (person % 900))) as properties
from users
where is_customer;

-- Engage says who enters an audience and, of some, that they have left it again.
insert into events by name
with entries as (

    select
        person,
        pick(['order_completed_last_30days', 'trial_expiring', 'power_users'], 'audience', entry)
            as name,
        since + days(0.25, 3, 'enters', entry) as entered_at,
        if(draw('leaves', entry) < 0.35, entered_at + days(1, 12, 'leaves at', entry), null)
            as left_at,
        if(draw('to all', entry) < 0.8, '{"All":false,"Mutiny":true}', '{"All":false}')
            as integrations
    from (
        select *, 4 * person + unnest(range(whole('audiences', person, 0, 3))) as entry
        from users
    )

)

select
    'engage' as source, 'identify' as type, name, person, person as user_number, integrations,
    unnest([entered_at, left_at]) as t,
    unnest([format('"{}":true', name), format('"{}":false', name)]) as traits
from entries;
