-- One row per finding.
with findings as (

    select
        'boolean_as_string' as check_name,
        'warning' as severity,
        vendor || ' / ' || experience as subject,
        'personalized came as text, not as a boolean; it was counted' as detail,
        count(*) as finding_count
    from {{ ref('int_exposures_recognised') }}
    where is_boolean_as_string and incomplete_reason is null
    group by all
    union all
    select
        'exposure_incomplete' as check_name,
        'warning' as severity,
        vendor as subject,
        reason as detail,
        count(*) as finding_count
    from {{ ref('rpt_incomplete_exposures') }}
    group by all
    union all
    select
        'hub_identifier' as check_name,
        'warning' as severity,
        id_type || ':' || id_value as subject,
        'linked to ' || largest_degree
        || ' others of one type, more than max_links: blocked'
            as detail,
        largest_degree as finding_count
    from {{ ref('int_identifiers_seen') }}
    where is_hub
    union all
    select
        'large_component' as check_name,
        'warning' as severity,
        name as subject,
        'more identifiers in one than large_component; what holds most together: '
        || worst_links
            as detail,
        identifier_count as finding_count
    from {{ ref('int_large_components') }}
    union all
    select
        'many_devices' as check_name,
        'info' as severity,
        id_type || ':' || id_value as subject,
        'a user with more devices than max_links: a person,'
        || ' but look at what sends this id'
            as detail,
        largest_degree as finding_count
    from {{ ref('int_identifiers_seen') }}
    where id_type = 'user_id' and largest_degree > {{ var('identity')['max_links'] }}
    union all
    select
        'shared_device' as check_name,
        'info' as severity,
        id_type || ':' || id_value as subject,
        'more than one person logged in on this device;'
        || ' each owns what led to their login'
            as detail,
        count(distinct person_id) as finding_count
    from {{ ref('int_identifier_owners') }}
    where id_type = 'anonymous_id' and person_id is not null
    group by all
    having count(distinct person_id) > 1
    union all
    select
        'no_person' as check_name,
        'warning' as severity,
        source as subject,
        'messages with no identifier but blocked ones; they stand outside every figure'
            as detail,
        count(*) as finding_count
    from {{ ref('fct_events') }}
    where person_id is null and is_behaviour
    group by all
    union all
    select
        check_name,
        severity,
        subject,
        detail,
        finding_count
    from {{ ref('int_landing_findings') }}
    union all
    select
        'mixed_currencies' as check_name,
        'warning' as severity,
        vendor || ' / ' || experience as subject,
        conversion || ' carries more than one currency; its value metrics are left out'
            as detail,
        1 as finding_count
    from {{ ref('int_currencies_mixed') }}
    where mixed_to is null
    union all
    select
        'expected_event_missing' as check_name,
        'warning' as severity,
        configured.conversion as subject,
        'no message matches this conversion' as detail,
        1 as finding_count
    from {{ ref('int_conversions_configured') }} as configured
    left join {{ ref('int_conversions_recognised') }} as recognised
        on configured.conversion = recognised.conversion and not recognised.is_refund
    group by configured.conversion
    having count(recognised.message_id) = 0
    union all
    select
        'unreadable_file' as check_name,
        'error' as severity,
        file as subject,
        reason as detail,
        1 as finding_count
    from {{ ref('rpt_rejects') }}
    where row_number is null

)

select
    check_name,
    severity,
    subject,
    detail,
    finding_count::bigint as finding_count
from findings
