-- One row per finding about the exposure messages of a vendor.
with unexpected as (

    select source, vendor, message_id
    from {{ ref('int_exposure_messages') }}
    where not is_expected_source and is_excluded is not true
    group by all

),

units as (

    select
        vendor,
        string_agg(unit_type, ' or ' order by unit_number) as noun
    from {{ source('raw', 'config_vendor_units') }}
    group by vendor

),

page_sources as (

    select source
    from {{ ref('int_page_days') }}
    group by source

),

-- On which days a visitor saw an experience, where the source calls pages at all.
visits as (

    select
        exposures.vendor,
        exposures.experience,
        exposures.source,
        exposures.anonymous_id,
        exposures.occurred_at::date as day
    from {{ ref('int_exposures') }} as exposures
    inner join page_sources on exposures.source = page_sources.source
    where exposures.anonymous_id is not null
    group by all

),

visitors as (

    select
        visits.vendor,
        visits.experience,
        visits.source,
        visits.anonymous_id,
        bool_or(pages.day is not null) as has_page_view
    from visits
    left join {{ ref('int_page_days') }} as pages
        on visits.source = pages.source
        and visits.anonymous_id = pages.anonymous_id
        and visits.day = pages.day
    group by visits.vendor, visits.experience, visits.source, visits.anonymous_id

)

select
    'exposure_from_unexpected_source' as check_name,
    'warning' as severity,
    unexpected.source || ' / ' || unexpected.vendor as subject,
    'exposures from a source that its adapter does not list under sources;'
    || ' they count nowhere' as detail,
    count(*) as finding_count
from unexpected
-- Another entry of the vendor may list the source.
left join {{ ref('int_exposure_messages') }} as expected
    on unexpected.vendor = expected.vendor
    and unexpected.message_id = expected.message_id
    and expected.is_expected_source
where expected.message_id is null
group by unexpected.source, unexpected.vendor
union all
select
    'exposure_without_unit' as check_name,
    'warning' as severity,
    exposures.vendor || ' / ' || exposures.experience as subject,
    'views that carry no ' || units.noun || '; they are assigned nowhere' as detail,
    count(*) as finding_count
from {{ ref('int_exposures') }} as exposures
inner join units on exposures.vendor = units.vendor
where exposures.unit_id is null
group by exposures.vendor, exposures.experience, units.noun
union all
select
    'old_exposure' as check_name,
    'warning' as severity,
    vendor || ' / ' || experience as subject,
    'views dated more than 30 days before they were received, the first on '
    || min(occurred_at)::date || '; they count on that day' as detail,
    count(*) as finding_count
from {{ ref('int_exposures') }}
where occurred_at < received_at - interval 30 day
group by vendor, experience
union all
select
    'variant_in_two_arms' as check_name,
    'warning' as severity,
    vendor || ' / ' || experience as subject,
    'of ' || count(*) || ' views of ' || variant || ', '
    || count(*) filter (where sent_arm = 'control')
    || ' say that it is control; it counts as control in all of them' as detail,
    count(*) filter (where sent_arm <> arm) as finding_count
from {{ ref('int_exposures') }}
group by vendor, experience, variant
having min(sent_arm) <> max(sent_arm)
union all
select
    'exposure_without_page_view' as check_name,
    'warning' as severity,
    vendor || ' / ' || experience as subject,
    'of ' || count(*) || ' visitors, those that called no page on any day they saw it;'
    || ' its pages may lack the page call, or bots may see them' as detail,
    count(*) filter (where not has_page_view) as finding_count
from visitors
group by vendor, experience
having count(*) >= 20 and count(*) filter (where not has_page_view) > 0.2 * count(*)
