-- Visits to the website: sessions, the pages that are viewed in them, the experiences seen there.

-- An anonymous id is numbered: 4 x device for the first cookie of a browser, 4 x person + 1 for
-- the cookie that replaces it, + 2 for the phone; 4 x number + 3 is a bot.
create table sessions as
select
    person,
    8 * person + number as session,
    if(has_second_cookie and number > 0, 4 * person + 1, 4 * device) as anon,
    starts_at,
    if(draw('paid', session) < if(number = 0, 0.38, 0.12), whole('campaign', session, 0, 5), null)
        as campaign,
    pick(['', '', '', 'https://www.google.com/', 'https://www.google.com/', 'https://www.bing.com/',
        'https://www.linkedin.com/', 'https://www.g2.com/'], 'referrer', session) as referrer,
    login_place is not distinct from 'website' and (
        number = 0 or shares_device or has_second_cookie or draw('logs in', session) < 0.5
    ) as logs_in,
    allows_ads
from (
    select
        people.*,
        number,
        arrives_at + to_milliseconds(coalesce(sum(
            14400000 + (-ln(1 - draw('gap', 8 * person + number)) * 216000000)::bigint
        ) over (
            partition by person order by number rows between unbounded preceding and 1 preceding
        ), 0)::bigint) as starts_at
    from (
        select *, unnest(range(greatest(
            geometric('sessions', person, 0.52, 8), if(has_second_cookie, 2, 1)
        ))) as number
        from people
        where visits_website
    ) as people
)
-- No visit begins in the last three hours, so that all can end.
where starts_at < getvariable('end') - interval 3 hour;

create table page_views as
with drawn as (

    select
        sessions.* exclude (campaign, referrer),
        16 * session + number as page_view,
        starts_at + to_milliseconds(coalesce(sum(
            3000 + least(-ln(1 - draw('dwell', page_view)) * 45000, 400000)::bigint
        ) over (
            partition by session order by number rows between unbounded preceding and 1 preceding
        ), 0)::bigint) as t,
        if(
            number = 0,
            pick(getvariable('begins'), 'page', page_view),
            pick(getvariable('goes_on'), 'page', page_view)
        ) as drawn_page,
        -- Only the address of the first page still has the campaign.
        if(number = 0, campaign, null) as campaign,
        if(number = 0, referrer, null) as referrer
    from (
        select *, unnest(range(geometric('pages', session, 0.3, 14))) as number from sessions
    ) as sessions

), kept_close as (

    -- Experiences are first seen within three days, so that their windows have four in common:
    -- the page of a later one is the blog.
    select
        * exclude (drawn_page),
        if(
            experience is not null
            and min(t) over (partition by person, drawn_page)
                > min(t) filter (where experience is not null) over (partition by person)
                    + interval 3 day,
            5, drawn_page
        ) as page
    from drawn
    left join (select experience, page as drawn_page from experiences) using (drawn_page)

)

select
    views.* exclude (referrer, experience),
    coalesce(
        referrer,
        lag(url) over (partition by session order by page_view)
    ) as referrer
from kept_close as views
inner join pages using (page);

create table exposures as
select
    views.*,
    audiences.experience,
    audiences.segment,
    if(anon % 4 = 1, is_personalized_on_second_cookie, is_personalized) as is_personalized,
    8 * page_view + audiences.experience as exposure,
    views.t + seconds(0.25, 1.8, 'exposure', 8 * page_view + audiences.experience) as seen_at
from page_views as views
inner join experiences using (page)
inner join audiences using (person, experience);
