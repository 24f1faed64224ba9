-- Prepares the view `landed`: messages with Segment's own field names, objects as JSON text.

-- What every message of a browser, phone or server says of itself. A new cookie keeps its browser.
create table agents as
from (values
    (0, 'analytics.js', '"screen":{"width":1920,"height":1080,"density":1},'
        '"userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like '
        'Gecko) Chrome/137.0.0.0 Safari/537.36"'),
    (1, 'analytics.js', '"screen":{"width":1536,"height":864,"density":1.25},'
        '"userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like '
        'Gecko) Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0","userAgentData":{"brands":[{"brand":'
        '"Microsoft Edge","version":"137"}],"mobile":false,"platform":"Windows"}'),
    (2, 'analytics.js', '"screen":{"width":1440,"height":900,"density":2},'
        '"userAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, '
        'like Gecko) Version/18.5 Safari/605.1.15"'),
    (3, 'analytics.js', '"screen":{"width":393,"height":852,"density":3},'
        '"userAgent":"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 '
        '(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"'),
    (4, 'analytics-swift', '"app":{"name":"Larkfield","version":"4.12.0"},"network":{"wifi":true},'
        '"device":{"manufacturer":"Apple","model":"iPhone16,1","type":"ios"},'
        '"os":{"name":"iOS","version":"18.5"},"screen":{"width":393,"height":852,"density":3},'
        '"userAgent":"Larkfield/4.12.0 (iPhone16,1; iOS 18.5)"'),
    (5, 'analytics-kotlin', '"app":{"name":"Larkfield","version":"4.12.0"},"network":{"wifi":true},'
        '"device":{"manufacturer":"Google","model":"Pixel 9","type":"android"},'
        '"os":{"name":"Android","version":"15"},"screen":{"width":412,"height":915,"density":2.625},'
        '"userAgent":"Larkfield/4.12.0 (Pixel 9; Android 15)"'),
    (6, 'analytics.js', '"userAgent":"Mozilla/5.0 (compatible; Googlebot/2.1)"'),
    (7, '@segment/analytics-node', '"app":{"name":"billing","version":"2026.6.2"}'),
    (8, 'unknown', '"integration":{"name":"personas"}'),
    (9, 'split-segment', '"integration":{"name":"split"}')
) as t (agent, library, said);

create table places as
from (values
    (0, 'en-US', 'America/New_York'), (1, 'en-US', 'America/Chicago'),
    (2, 'en-US', 'America/Los_Angeles'), (3, 'en-CA', 'America/Toronto'),
    (4, 'en-GB', 'Europe/London'), (5, 'de-DE', 'Europe/Berlin'), (6, 'fr-FR', 'Europe/Paris')
) as t (place, locale, timezone);

-- What each sender says in every context. A new cookie keeps its browser.
create table senders as
select
    source,
    anon,
    allows_ads,
    anon_text(anon) as anonymous_id,
    is_phone,
    concat_ws(
        ',',
        format('"consent":{{"categoryPreferences":{{"Advertising":{},"Analytics":true}}}}', allows_ads),
        format('"library":{{"name":"{}","version":"2.1.0"}}', library),
        format('"ip":"198.{}.{}.{}"', whole('ip 1', device, 18, 20), whole('ip 2', device, 0, 256),
            whole('ip 3', device, 1, 255)),
        format('"locale":"{}","timezone":"{}"', locale, timezone),
        said
    ) as members
from (
    select
        *,
        -- A message without an anonymous id comes from a browser all the same.
        if(source in ('web', 'product'), coalesce(anon // 4, 0), null) as device,
        source = 'product' and anon % 4 = 2 as is_phone,
        case
            when source = 'backend' then 7
            when source = 'engage' then 8
            when source = 'flags' then 9
            when anon % 4 = 3 then 6
            when is_phone then whole('phone', device, 4, 6)
            else pick([0, 0, 0, 0, 1, 2, 2, 2, 3], 'browser', device)
        end as agent,
        if(device is null, null, whole('place', device, if(allows_ads is null, 0, 4), 7)) as place
    from (select distinct source, anon, allows_ads from messages)
)
inner join agents using (agent)
left join places using (place);

create table addresses as
select
    page,
    campaign,
    format('"path":"{}","search":"{}","title":"{}","url":"{}{}","referrer":"', path, query, title,
        url, query) as members
from pages
cross join (
    select campaign, format('?utm_source={}&utm_medium={}&utm_campaign={}', source, medium, name)
        as query
    from campaigns
    union all
    select null, ''
);

create view landed as
select
    messages.source,
    number,
    date_diff('day', getvariable('start'), received_at) as day_number,
    case
        when getvariable('layout') = 's3' then format(
            'segment-logs/{}/{}/part-00.gz', getvariable('source_ids')[messages.source],
            epoch_ms(date_trunc('day', received_at))
        )
        when getvariable('file_days') = 1
            then messages.source || '/day=' || received_at::date || '/part-00.parquet'
        else format('{}/part-{:02d}.parquet', messages.source, day_number // 7)
    end as path,
    case
        when messages.source in ('web', 'product') and not is_phone
            then 'ajs-next-' || epoch_ms(occurred_at) || '-'
        when messages.source = 'backend' then 'node-next-'
        when messages.source = 'engage' then 'personas_'
        else ''
    end || md5('message/' || getvariable('seed') || '/' || number) as "messageId",
    anonymous_id as "anonymousId",
    user_text(user_number) as "userId",
    if(type = 'group', company_text(messages.company), null) as "groupId",
    coalesce(anon_text(previous_anon), user_text(previous_user)) as "previousId",
    type,
    event,
    if(type in ('page', 'screen'), messages.name, null) as name,
    if(type = 'page' and messages.source = 'web', 'Marketing', null) as category,
    given_at as timestamp,
    original_at as "originalTimestamp",
    sent_at as "sentAt",
    received_at as "receivedAt",
    if(messages.source in ('web', 'product'), 'client', 'server') as channel,
    '2' as version,
    getvariable('source_ids')[messages.source] as "projectId",
    '{' || concat_ws(
        ',',
        senders.members,
        campaigns.members,
        '"page":{' || page_members || '}',
        if(type <> 'group', '"groupId":"' || company_text(messages.company) || '"', null),
        if(messages.source = 'engage', format('"personas":{{"computation_class":"audience",'
            '"computation_id":"aud_{0}","computation_key":"{0}","space_id":"spa_8dJ2mQvY5nBt"}}',
            messages.name), null)
    ) || '}' as context,
    integrations,
    if(type in ('page', 'screen', 'track'), '{' || concat_ws(
        ',',
        if(type in ('page', 'screen'), '"name":"' || messages.name || '"', null),
        if(type = 'page', page_members, null),
        properties
    ) || '}', null) as properties,
    if(type in ('identify', 'group'), '{' || traits || '}', null) as traits
from (
    select messages.*, addresses.members
        || coalesce(referrer, 'https://app.larkfield.example/login') || '"' as page_members
    from messages
    left join addresses
        on messages.page = addresses.page
        and messages.campaign is not distinct from addresses.campaign
) as messages
inner join senders
    on messages.source = senders.source
    and messages.anon is not distinct from senders.anon
    and messages.allows_ads is not distinct from senders.allows_ads
left join campaigns using (campaign);
