-- Larkfield, the company of the demo: what it sells, what it shows to whom, and what that changes.
--
-- A person converts with probability
--
--     base rate of the conversion
--     x rate of each experience that the person sees (the same in both arms)
--     x effect of each experience that the person sees in the personalized arm
--     x factor of the person (a customer does not sign up again)
--
-- at one moment that lies inside the window of every experience seen. Effects multiply and arms are
-- drawn independently, so the relative lift of an experience is its effect minus one.

-- Randomness is a hash: whatever is drawn for a key depends on the seed and the key alone.
create macro draw(stream, key) as
    (hash(xor(hash(stream || getvariable('seed')), (key)::ubigint)) >> 11)::double
    / 9007199254740992;
create macro whole(stream, key, low, high) as
    (low)::bigint + floor(draw(stream, key) * ((high) - (low)))::bigint;
create macro pick(choices, stream, key) as
    choices[1 + floor(draw(stream, key) * len(choices))::bigint];
create macro geometric(stream, key, stop, most) as
    least(most, 1 + floor(ln(1 - draw(stream, key)) / ln(1 - stop)))::bigint;
create macro seconds(low, high, stream, key) as
    to_milliseconds(whole(stream, key, 1000 * (low), 1000 * (high)));
create macro days(low, high, stream, key) as seconds(86400 * (low), 86400 * (high), stream, key);
create macro random_uuid(stream, key) as
    md5(stream || '/' || getvariable('seed') || '/' || key)::uuid::varchar;

-- Text of the identifiers that messages are numbered by.
create macro anon_text(n) as if(
    n = getvariable('zeros'), '00000000-0000-0000-0000-000000000000', random_uuid('anonymous', n)
);
create macro mutiny_text(n) as random_uuid('mutiny', n);
create macro company_text(n) as
    'org_' || left(md5('company/' || getvariable('seed') || '/' || n), 12);
create macro user_text(n) as case
    when n < getvariable('visitors') then left(md5('user/' || getvariable('seed') || '/' || n), 24)
    when n < getvariable('useless_user') then (40000 + 7 * n)::varchar
    else ['undefined', 'null'][1 + n - getvariable('useless_user')]
end;

create table conversions as
from (values
    (1, 'signup', 0.14, 0.0),
    (2, 'order', 0.09, 2.0),
    (3, 'demo_request', 0.07, 0.3)
) as t (conversion, name, base_rate, customer_factor);

-- Where vendors have their conversions from, and whether they need consent to advertising.
create table vendors as
from (values
    ('mutiny', 'Mutiny', true), ('split', 'Split', false), ('abmatic', 'Markettailor', true)
) as t (vendor, integration, needs_ads);
create macro is_delivered(integrations, integration) as
    integrations not in ('{"All":false}', format('{{"{}":false}}', integration));

create table experiences as
from (values
    (0, 'mutiny', 'Corporate Website', 0),
    (1, 'mutiny', 'Pricing Page', 1),
    (2, 'split', 'product_tour', 2),
    (3, 'abmatic', 'cmp_customer_stories', 4)
) as t (experience, vendor, name, page);

-- Rates and effects are by conversion. Who is in no segment of an experience does not see it.
create table audience_segments as
select *, sum(share) over (partition by experience order by segment) as share_to
from (values
    (0, 0, 'Small company', 0.50, [1.1, 1.0, 0.8], [2.3, 1.3, 1.0],
        ['Start in minutes', 'Loved by small teams']),
    (0, 1, 'Enterprise', 0.40, [0.9, 1.1, 1.4], [1.1, 1.0, 1.7], ['Trusted at scale']),
    (1, 0, 'Software industry', 0.48, [1.1, 1.1, 1.0], [0.8, 1.0, 1.0], ['Annual plans first']),
    (1, 1, 'Financial services', 0.44, [0.9, 1.0, 1.1], [1.0, 1.9, 1.2],
        ['Audit trail first', 'Compliance first']),
    (2, 0, null, 1.0, [1.0, 1.0, 1.0], [1.3, 1.0, 0.9], ['on']),
    (3, 0, 'Named accounts', 0.50, [1.0, 1.0, 1.2], [1.0, 1.4, 1.5], ['stories']),
    (3, 1, 'Other visitors', 0.50, [1.0, 1.0, 0.9], [1.2, 1.0, 1.0], ['stories'])
) as t (experience, segment, name, share, rates, effects, variations);

-- Pages of the website, with how often of a hundred times a visit begins there or goes on there;
-- then those of the product.
create table pages as
select *, host || path as url
from (values
    (0, 'https://www.larkfield.example', '/', 'Home', 'Larkfield | Forecasts to act on', 66, 16),
    (1, 'https://www.larkfield.example', '/pricing', 'Pricing', 'Pricing | Larkfield', 10, 34),
    (2, 'https://www.larkfield.example', '/product', 'Product', 'Plan, forecast, staff', 6, 15),
    (3, 'https://www.larkfield.example', '/integrations', 'Integrations', 'Warehouses, ERPs', 2, 6),
    (4, 'https://www.larkfield.example', '/customers', 'Customers', 'Norwell Foods', 6, 14),
    (5, 'https://www.larkfield.example', '/blog', 'Blog', 'Capacity planning in practice', 3, 8),
    (6, 'https://www.larkfield.example', '/blog/forecast-error', null, 'Forecast error', 6, 4),
    (7, 'https://www.larkfield.example', '/security', 'Security', 'Security | Larkfield', 1, 3),
    (8, 'https://www.larkfield.example', '/signup', 'Sign Up', 'Create your workspace', 0, 0),
    (9, 'https://www.larkfield.example', '/demo', 'Demo', 'Talk to a planner', 0, 0),
    (10, 'https://app.larkfield.example', '/forecasts', 'Forecasts', 'Forecasts', 0, 0),
    (11, 'https://app.larkfield.example', '/dashboards', 'Overview', 'Overview', 0, 0),
    (12, 'https://app.larkfield.example', '/scenarios', null, 'Scenarios', 0, 0),
    (13, 'https://app.larkfield.example', '/settings/members', 'Members', 'Members', 0, 0)
) as t (page, host, path, name, title, begins, goes_on);
set variable begins = (select list(page order by page) from pages, range(begins));
set variable goes_on = (select list(page order by page) from pages, range(goes_on));

create table campaigns as
select *, format(
    '"campaign":{{"name":"{}","source":"{}","medium":"{}","content":"{}"}}',
    name, source, medium, content
) as members
from (values
    (0, 'google', 'cpc', 'brand-emea', 'headline-a'),
    (1, 'google', 'cpc', 'competitor-terms', 'headline-c'),
    (2, 'linkedin', 'paid-social', 'ops-leaders-q2', 'carousel-2'),
    (3, 'newsletter', 'email', 'june-digest', 'hero-button'),
    (4, 'g2', 'referral', 'profile-page', 'compare-grid')
) as t (campaign, source, medium, name, content);

-- Accounts. Their size and industry are what vendors recognise, so segments are the account's.
create table companies as
select
    company,
    company_text(company) as company_id,
    pick(['Alder', 'Birch', 'Cobalt', 'Delta', 'Ember', 'Fjord', 'Granite'], 'head', company)
    || ' ' || pick(['Foods', 'Logistics', 'Systems', 'Capital', 'Health'], 'tail', company)
        as name,
    case
        when draw('segment', company * 8 + 1) < 0.48 then 'Software'
        when draw('segment', company * 8 + 1) < 0.92 then 'Financial services'
        else 'Manufacturing'
    end as industry,
    case
        when draw('segment', company * 8) < 0.5 then whole('employees', company, 4, 50)
        when draw('segment', company * 8) < 0.9 then whole('employees', company, 1000, 24000)
        else whole('employees', company, 60, 900)
    end as employees,
    pick(['Starter', 'Starter', 'Starter', 'Team', 'Team', 'Business'], 'plan', company) as plan
from range(greatest(20, getvariable('visitors') // 12)) as t (company);
