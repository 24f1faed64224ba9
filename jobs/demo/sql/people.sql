-- Who visits: people, their browsers and their arms, drawn before anything happens to them.

-- Hours of the period with the share of arrivals before them: more on weekdays and by daylight.
create table hours as
select hour, coalesce(sum(weight) over (rows between unbounded preceding and 1 preceding), 0)
    / sum(weight) over () as share_before
from (
    select
        hour,
        [0.3, 1.0, 1.05, 1.05, 1.0, 0.85, 0.35][1 + dayofweek(hour)]
        * [2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 11, 12, 12, 11, 10, 8, 6, 5, 5, 4, 3][
            1 + hour(hour)
        ] as weight
    from range(
        getvariable('start'), getvariable('end') - interval 3 hour, interval 1 hour
    ) as t (hour)
    order by hour
);

create table people as
with drawn as (

    select
        *,
        login_place is not distinct from 'website'
        and not has_mutiny and draw('reset', person) < 0.15 as draws_arms_again,
        draws_arms_again or (
            visits_website and has_mutiny and draw('reset', person) < 0.06
        ) as has_second_cookie
    from (
        select
            person,
            draw('kind', person) < 0.15 as is_customer,
            draw('kind', person) >= 0.04 as visits_website,
            case
                when not visits_website then 'app'
                when is_customer then if(draw('place', person) < 0.75, 'website', 'app')
            end as login_place,
            draw('mutiny', person) < 0.4 as has_mutiny
        from range(getvariable('visitors')) as t (person)
    )

), shared as (

    -- Two or three customers of one company who use one browser, each logging in every time.
    select
        person,
        min(person) over (partition by floor((number - 1) / 2.5)) as device
    from (
        select person, row_number() over (order by person) as number
        from drawn
        where login_place = 'website' and not has_second_cookie
    )
    where number <= greatest(7, getvariable('visitors') * 6 // 1000)

)

select
    person,
    is_customer,
    visits_website,
    login_place,
    coalesce(shared.device, person) as device,
    shared.device is not null as shares_device,
    draw('mutiny', coalesce(shared.device, person)) < 0.4 as has_mutiny,
    draws_arms_again,
    has_second_cookie,
    -- The browser sends the user id by itself once it has seen a login.
    shared.device is null and draw('carries', person) < 0.7 as carries_user,
    -- What the consent banner has recorded of advertising; null where none is shown.
    if(draw('banner', person) < 0.35, draw('consent', person) >= 0.08, null) as allows_ads,
    whole('company', coalesce(shared.device, person), 0, (select count(*) from companies))
        as company,
    hours.hour + seconds(0, 3600, 'arrival', person) as arrives_at
from drawn
left join shared using (person)
asof join hours on draw('hour', person) >= hours.share_before;

-- What each person is shown where: nothing outside of the segments of an experience.
create table audiences as
select
    people.person,
    segments.*,
    draw('arm', people.device * 8 + experience) < 0.5 as is_personalized,
    if(draws_arms_again, draw('second arm', people.device * 8 + experience) < 0.5, is_personalized)
        as is_personalized_on_second_cookie
from people
inner join audience_segments as segments
    on draw('segment', people.company * 8 + segments.experience) < segments.share_to
    and draw('segment', people.company * 8 + segments.experience)
        >= segments.share_to - segments.share;

create table profiles as
select
    person,
    company,
    company_id,
    first_name,
    last_name,
    lower(first_name || '.' || last_name) || person % 97 || '@' || replace(lower(name), ' ', '-')
    || company || '.example' as email,
    title,
    plan,
    format('"company":{{"id":"{}","name":"{}","industry":"{}","employee_count":{},"plan":"{}"}}',
        company_id, name, industry, employees, plan) || format(',"employees":{}', employees)
        as company_traits
from (
    select
        *,
        pick(['Amara', 'Ben', 'Carla', 'Dmitri', 'Elif', 'Farid', 'Grace', 'Hugo', 'Ines', 'Jonas',
            'Keiko', 'Liam', 'Mei', 'Nadia', 'Oscar', 'Priya'], 'first', person) as first_name,
        pick(['Abbott', 'Bauer', 'Costa', 'Diaz', 'Eriksen', 'Fischer', 'Garcia', 'Haddad', 'Ito',
            'Jansen', 'Kowalski', 'Lopez', 'Moreau', 'Novak'], 'last', person) as last_name,
        pick(['Operations Manager', 'Head of Planning', 'Workforce Analyst', 'Plant Manager',
            'Finance Director'], 'title', person) as title
    from people
    inner join companies using (company)
);
