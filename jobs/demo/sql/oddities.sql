-- What real landing zones hold besides visitors: bots, a kiosk, renamed users, useless ids.

create macro moment(stream, key) as
    getvariable('start') + to_milliseconds(whole(
        stream, key, 0, epoch_ms(getvariable('end')) - epoch_ms(getvariable('start')) - 3600000
    ));
create table odd_views as
-- Crawlers see experiences too, and even send the demo form.
select
    moment('bot', bot) + to_milliseconds(2500 * n) as t, 4 * bot + 3 as anon, true as is_excluded,
    draw('bot arm', 16 * bot + n) < 0.5 as is_personalized
from range(greatest(2, getvariable('visitors') // 100)) as bots (bot), range(6) as t (n)
union all
-- Trackers without storage send zeros for an anonymous id: nobody's.
select moment('zeros', n), getvariable('zeros'), false, draw('zeros arm', n) < 0.5
from range(greatest(6, getvariable('visitors') // 400)) as t (n)
union all
-- A tablet at a fair: so many customers log in on it that its ids tell nobody apart.
select
    getvariable('start') + (getvariable('end') - getvariable('start')) / 2 + to_minutes(9 * n),
    getvariable('kiosk'), false, false
from range(60) as t (n)
where getvariable('has_kiosk');

-- Each is a view of the home page and of its experience.
insert into events by name
select
    'web' as source, unnest(['page', 'track']) as type,
    unnest([null, 'Mutiny Experience Viewed']) as event, unnest(['Home', null]) as name,
    unnest([t, t + interval 400 millisecond]) as t, anon, 0 as page, is_excluded, 0 as person,
    unnest([null, 0]) as experience, segment, is_personalized,
    mutiny_properties(
        'Corporate Website', audience_segments.name, variations[1], is_personalized, 1
    ) as properties
from odd_views
inner join audience_segments on audience_segments.experience = 0 and segment = 0;

insert into events by name
select
    'web' as source, 'Demo Requested' as event, moment('bot', bot) + interval 1 minute as t,
    4 * bot + 3 as anon, 0 as person, 9 as page, true as is_excluded, 3 as conversion,
    '"form":"request-a-demo"' as properties
from range(greatest(2, getvariable('visitors') // 100)) as bots (bot)
where bot % 3 = 0;

insert into events by name
select
    'product' as source, unnest(['identify', 'track']) as type,
    unnest([null, 'Dashboard Viewed']) as event, unnest([t, t + interval 40 second]) as t,
    person, user_number, anon, company, 11 as page,
    unnest([mutiny, null]) as mutiny,
    unnest(['"mutinyVisitorId":"' || mutiny_text(mutiny) || '"', null]) as traits
from (
    select
        person, person as user_number, getvariable('kiosk') as anon,
        getvariable('visitors') as mutiny, company,
        getvariable('start') + (getvariable('end') - getvariable('start')) / 2
            + seconds(0, 32400, 'kiosk', person) as t
    from people
    where is_customer and getvariable('has_kiosk')
    order by person
    limit 140
);

insert into events by name
select
    'product' as source, 'identify' as type, moment('zeros login', person) as t, person,
    person as user_number, getvariable('zeros') as anon, company, 11 as page,
    '"plan":"Team"' as traits
from people
where is_customer
order by person desc
limit 2;

-- Rows that ingest must refuse: without any id, or of a call type that Segment does not have.
insert into events by name
select
    'web' as source, unnest(['page', 'heartbeat']) as type, moment('reject', n) as t, 0 as person,
    unnest([null, 4 * n]) as anon, 0 as page
from range(greatest(3, getvariable('visitors') // 2000)) as t (n);

-- A few customers have had another user id, which an alias ties to the new one.
create table renames as
select
    person as user_number, getvariable('visitors') + person as previous_user,
    arrives_at + days(0.04, 8, 'renamed', person) as t
from people
where login_place = 'website' and not shares_device
order by person
limit greatest(3, getvariable('visitors') // 150);

insert into events by name
select 'backend' as source, 'alias' as type, *, user_number as person from renames;

-- How messages go wrong on the way: late, twice, with broken clocks.
create table messages as
with numbered as (

    select
        events.* replace (
            if(events.t < renames.t and events.type <> 'alias', renames.previous_user, user_number)
                as user_number
        ),
        hash(source, type, event, events.t, person, anon, user_number, page, conversion) as number
    from events
    left join renames using (user_number)
    where events.t is not null

), sent as (

    select
        *,
        case
            when anon is null then 0
            when draw('wrong clock', anon) < 0.02 then whole('clock', anon, -1200000, 1200000)
            else whole('clock', anon, -300, 300)
        end as skew_ms,
        to_milliseconds((90 + least(-ln(1 - draw('lag', number)) * 600, 7900))::bigint) as quick,
        days(0.8, 5.5, 'delay', number) as delay,
        draw('late', number) < 0.01 and t + delay < getvariable('end') as is_late,
        if(is_late, delay, quick) as lag,
        case
            when draw('clock', number) < 0.004 then 'computed'
            when is_late then 'given'
            when draw('clock', number) < 0.006 then 'received'
            when draw('clock', number) < 0.009 then 'future'
            else 'given'
        end as clock
    from numbered

), received as (

    select *, t + lag as received_at
    from sent
    where received_at >= getvariable('start') and received_at < getvariable('end')

)

select
    * exclude (t, quick, delay, is_late, skew_ms, lag, clock),
    if(clock in ('future', 'received'), received_at, t) as occurred_at,
    case clock
        when 'given' then t
        when 'future' then received_at + days(0.1, 20, 'ahead', number)
    end as given_at,
    t + to_milliseconds(skew_ms) as original_at,
    if(clock = 'received', null, received_at + to_milliseconds(skew_ms)) as sent_at,
    (anon is null and user_number is null) or type = 'heartbeat' as is_reject,
    false as is_duplicate
from received;

-- Delivered once more, in a later file.
insert into messages
select * exclude (again_at) replace (again_at as received_at, true as is_duplicate)
from (
    select *, received_at + interval 1 minute + to_days(
        (getvariable('file_days') * whole('again', number, 1, 3))::integer
    ) as again_at
    from messages
    where draw('repeated', number) < 0.01 and given_at = occurred_at
)
where again_at < getvariable('end');

-- Messages are all that is left to do.
drop table events;
drop table browsing;
drop table exposures;
drop table page_views;
drop table actions;
