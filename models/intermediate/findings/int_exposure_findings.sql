-- One row per finding about the exposure messages of a vendor.
with page_sources as (

    select source
    from {{ ref('int_page_days') }}
    group by source

),

-- On which days a visitor saw an experience, where the source calls pages at all.
visits as (

    select
        recognised.vendor,
        recognised.experience,
        recognised.source,
        recognised.anonymous_id,
        recognised.occurred_at::date as day
    from {{ ref('int_exposures_recognised') }} as recognised
    inner join page_sources on recognised.source = page_sources.source
    where recognised.incomplete_reason is null
        and recognised.anonymous_id is not null
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
    source || ' / ' || vendor as subject,
    'exposures from a source that its adapter does not list under sources;'
    || ' they count nowhere' as detail,
    count(*) as finding_count
from {{ ref('int_exposures_seen') }}
where not is_expected_source
group by source, vendor
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
