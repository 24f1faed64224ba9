-- Logins and what they begin: uses of the product on the web and on the phone.

create table logins as
select
    *,
    row_number() over (order by person, t, anon) as login,
    min(t) over (partition by person, anon) as known_since
from (
    select person, anon, max(t) + seconds(15, 80, 'login', session) as t
    from page_views
    where logs_in
    group by person, anon, session

    union all

    -- New accounts; some are created on the phone, and linked to the browser later or never.
    select
        person,
        if(account = 'same browser' or signs_up_late, browser_at(visitors, account_at),
            4 * person + 2),
        account_at
    from visitors
    where account_at is not null and (account <> 'alias' or signs_up_late)

    union all

    select person, browser_at(visitors, linked_at), linked_at
    from visitors
    where account_at is not null and linked_at is not null and not signs_up_late

    union all

    -- Customers who never log in on the website.
    select
        person, 4 * person + 2,
        arrives_at + to_milliseconds((-ln(1 - draw('app', 32 * person + n)) * 518400000)::bigint)
    from (
        select *, unnest(range(geometric('app', person, 0.33, 32))) as n
        from visitors
        where login_place = 'app'
    )

    union all

    select
        person, 4 * person + 2,
        coalesce(account_at, arrives_at) + days(0.2, 9, 'phone', 4 * person + n)
    from (select *, unnest(range(whole('phone', person, 0, 3))) as n from visitors)
    where (account_at is not null or login_place = 'website') and draw('has app', person) < 0.7
)
where t < getvariable('end');

create table actions as
select
    logins.*,
    32 * login + n as action,
    t + to_milliseconds(
        sum(whole('step', 32 * login + n, 8000, 240000)) over (partition by login order by n)::bigint
    ) as acts_at,
    draw('view', 32 * login + n) < 0.45 as is_view
from (select *, unnest(range(geometric('actions', login, 0.22, 25))) as n from logins) as logins;

create table users as
select logins.person, company, is_customer, min(t) as since
from logins
inner join people using (person)
group by all;
