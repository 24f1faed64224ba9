-- One row per finding about Engage's audiences and the traits that segments ask for.
with asked as (

    -- The traits that segments compare, and the type they compare them with.
    select name as trait, value_kind
    from {{ source('raw', 'config_predicates') }}
    where kind = 'trait' and value_kind is not null
    group by all

)

select
    'audience_stale' as check_name,
    'warning' as severity,
    syncs.audience as subject,
    'Engage syncs every two to three hours and has told nothing for over six;'
    || ' its members are those of the last sync'
        as detail,
    1 as finding_count
from {{ ref('int_audience_syncs') }} as syncs
cross join {{ ref('int_as_of') }} as as_of
where as_of.as_of - syncs.last_seen_at > interval 6 hours
union all
select
    'audience_sync_gap' as check_name,
    'info' as severity,
    audience as subject,
    'silent for ' || round(max_gap_seconds / 3600, 1)
    || ' hours once, where Engage syncs every two to three;'
    || ' whoever joined or left then is dated at the end of it'
        as detail,
    1 as finding_count
from {{ ref('int_audience_syncs') }}
where max_gap_seconds > 6 * 3600
union all
select
    'boolean_as_string' as check_name,
    'warning' as severity,
    audience as subject,
    'membership came as text, not as a boolean; it was counted' as detail,
    text_messages as finding_count
from {{ ref('int_audience_syncs') }}
where text_messages > 0
union all
select
    'audience_never_seen' as check_name,
    'warning' as severity,
    audience as subject,
    'listed under audiences, but no message tells of it; if Engage spells it otherwise,'
    || ' give its key'
        as detail,
    1 as finding_count
from {{ source('raw', 'config_audiences') }}
where audience not in (
        select syncs.audience from {{ ref('int_audience_syncs') }} as syncs
    )
union all
select
    'trait_type_mismatch' as check_name,
    'warning' as severity,
    changes.trait as subject,
    'segments compare it with a ' || asked.value_kind || ', but persons have it as '
    || string_agg(
        distinct {{ json_type_name('changes.value_kind') }}, ', '
        order by {{ json_type_name('changes.value_kind') }}
    )
    || '; a value of another type never equals it'
        as detail,
    count(distinct changes.person_id) as finding_count
from {{ ref('int_trait_changes') }} as changes
inner join asked on changes.trait = asked.trait
where changes.value is not null
    and {{ json_type_name('changes.value_kind') }} <> asked.value_kind
group by changes.trait, asked.value_kind
