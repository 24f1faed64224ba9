-- One row per finding about identifiers that look as if they were not one person's.
select
    'hub_identifier' as check_name,
    'warning' as severity,
    id_type || ':' || id_value as subject,
    'linked to ' || largest_degree
    || ' others of one type, more than max_links: blocked'
        as detail,
    largest_degree as finding_count
from {{ ref('int_identifiers') }}
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
from {{ ref('int_identifiers') }}
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
