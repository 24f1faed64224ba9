-- Who converts, when, and whether messages can tell.
--
-- Everything but the conversion itself is drawn for everybody, converted or not. So the share of
-- conversions that messages reveal is known exactly, and is the same in both arms.

create table first_views as
select
    views.person, experience, segment, views.first_seen_at, views.is_personalized,
    segments.rates, segments.effects
from (
    select
        person, experience, segment, min(seen_at) as first_seen_at,
        arg_min(is_personalized, seen_at) as is_personalized
    from exposures
    group by all
) as views
inner join audience_segments as segments using (experience, segment);

create table outcomes as
select
    *,
    draw('converts', outcome) < probability as converts,
    case
        when draw('lost', outcome) < 0.01 then '{"All":false}'
        when draw('lost', outcome) < 0.02 then '{"Mutiny":false}'
        when draw('lost', outcome) < 0.03 then '{"Split":false}'
        when draw('lost', outcome) < 0.04 then '{"Markettailor":false}'
        when draw('lost', outcome) < 0.12 then '{"Mixpanel":false}'
        else '{}'
    end as integrations,
    -- An order follows the sign-up of the same moment.
    all_seen_at + interval 10 minute + to_milliseconds((
        pow(draw('moment', if(conversion = 2, outcome - 1, outcome)), 2.5)
        * epoch_ms(interval 162 hour - (all_seen_at - first_seen_at))
    )::bigint) + if(
        conversion = 2, seconds(600, 10800, 'order', outcome), interval 0 second
    ) as converts_at
from (
    select
        people.person,
        4 * people.person + conversion as outcome,
        conversion,
        coalesce(min(first_seen_at), any_value(arrives_at)) as first_seen_at,
        coalesce(max(first_seen_at), any_value(arrives_at)) as all_seen_at,
        count(first_seen_at) > 0 as is_exposed,
        any_value(base_rate * if(is_customer, customer_factor, 1))
            * coalesce(product(rates[conversion]), 1) as potential,
        -- The mean over both arms of everything seen.
        potential * coalesce(product((1 + effects[conversion]) / 2), 1) as expected,
        potential * coalesce(product(if(is_personalized, effects[conversion], 1)), 1)
            as probability
    from people
    cross join conversions
    left join first_views using (person)
    group by all
);

create table visitors as
select
    people.*,
    second_cookie_at,
    plans.*,
    case
        when draw('account', people.person) < 0.80 then 'same browser'
        when draw('account', people.person) < 0.85 then 'alias'
        when draw('account', people.person) < 0.93 then 'linked later'
        else 'elsewhere'  -- and stays another person to the messages
    end as account,
    account <> 'alias' and draw('in product', people.person) < 0.7 as signs_up_in_product,
    draw('resent', people.person) < 0.04 as order_is_resent,
    least(arrives_at, first_seen_at) - days(0.2, 8, 'early', people.person) as early_at,
    case
        when is_customer then null
        when signs_up then signup_at - seconds(20, 60, 'before signup', people.person)
        when orders then order_at - seconds(120, 480, 'before order', people.person)
        when is_exposed and draw('late signup', people.person) < 0.03
            then late_at - interval 30 second
    end as account_at,
    is_exposed and not (signs_up or orders) and account_at is not null as signs_up_late,
    if(account = 'linked later', order_at + seconds(3600, 86400, 'linked', people.person), null)
        as linked_at,
    if(
        is_customer, login_place is not distinct from 'website',
        account in ('same browser', 'alias')
        or account = 'linked later' and linked_at < getvariable('end') - interval 1 hour
    ) as is_known
from people
inner join (
    select
        person,
        any_value(first_seen_at) as first_seen_at,
        any_value(all_seen_at) as all_seen_at,
        any_value(is_exposed) as is_exposed,
        bool_or(converts and conversion = 1) as signs_up,
        bool_or(converts and conversion = 2) as orders,
        max(converts_at) filter (where conversion = 1) as signup_at,
        max(converts_at) filter (where conversion = 2) as order_at,
        max(all_seen_at) + interval 7 day + seconds(3600, 604800, 'late', person) as late_at
    from outcomes
    group by person
) as plans using (person)
left join (
    select person, min(starts_at) as second_cookie_at
    from sessions
    where anon % 4 = 1
    group by person
) as cookies using (person);

-- The anonymous id that the browser of a visitor sends at `t`.
create macro browser_at(visitor, t) as
    if(t >= visitor.second_cookie_at, 4 * visitor.person + 1, 4 * visitor.device);

-- By vendor, whether a conversion would count for it: it lands in time, under an id that is tied to
-- the visitor's browser, and is delivered.
create table revealed as
select
    person, conversion, vendor,
    converts_at < getvariable('end') - interval 1 hour
    and (conversion = 3 or is_known)
    and (is_delivered(integrations, integration) or conversion = 2 and order_is_resent)
    and (
        not needs_ads or allows_ads is distinct from false or conversion = 2
        or conversion = 1 and not signs_up_in_product
    ) as is_revealed
from outcomes
inner join visitors using (person)
cross join vendors;

-- Every conversion that is sent: those drawn, and others outside of all windows.
create table sent_conversions as
with sent as (

    select person, conversion, converts_at as t, integrations, 'drawn' as reason
    from outcomes
    where converts

    union all

    -- An order sent twice is one order: equal number.
    select person, 2, converts_at + seconds(20, 300, 'resent', person), '{}', 'resent'
    from outcomes
    inner join visitors using (person)
    where conversion = 2 and converts and order_is_resent

    union all

    select person, 2, converts_at + days(0.5, 20, 'more', person), integrations, 'more'
    from outcomes
    where conversion = 2 and converts and draw('more', person) < 0.25

    union all

    select person, 2, early_at, '{}', 'early'
    from visitors
    where is_customer and early_at > getvariable('start') and draw('early', person) < 0.15

    union all

    -- Sent again inside the window: still the early order.
    select person, 2, all_seen_at + days(1, 4, 'replayed', person), '{}', 'replayed'
    from visitors
    where is_customer and early_at > getvariable('start') and draw('early', person) < 0.0075

    union all

    select person, 2, late_at, '{}', 'late'
    from visitors
    where is_customer and is_exposed and draw('late', person) < 0.12

    union all

    select person, 1, late_at, '{}', 'late'
    from visitors
    where signs_up_late

    union all

    select person, 3, arrives_at - interval 3 minute, '{}', 'early'
    from visitors
    where is_exposed and draw('early demo', person) < 0.012

)

select
    *,
    4 * person + case reason
        when 'more' then 1 when 'early' then 2 when 'replayed' then 2 when 'late' then 3 else 0
    end as order_number
from sent;
