-- One row per finding about who was exposed to an experience, and in which arm.
with views as (select * from {{ ref('int_exposures_assigned') }}),

variants as (

    select
        views.vendor, views.experience, views.audience_segment, views.period,
        views.variant,
        {{ experience_subject('views') }} as subject,
        min(views.occurred_at) as first_view_at,
        max(views.occurred_at) as last_view_at,
        count(*) as views,
        count(distinct views.unit_id) as units
    from views
    group by all

),

segments as (

    select
        vendor, experience, period, audience_segment,
        min(first_view_at) as first_view_at,
        max(last_view_at) as last_view_at,
        sum(units) as units
    from variants
    where audience_segment <> '(all)'
    group by all

),

findings as (

    select
        'missing_arm' as check_name,
        'warning' as severity,
        {{ experience_subject('units') }} as subject,
        'only ' || max(units.arm) || ' was seen; without the other arm there is no lift'
            as detail,
        count(*) as finding_count
    from {{ ref('int_assignment_intervals') }} as units
    where units.is_last and units.end_day is null
    group by units.vendor, units.experience, units.audience_segment, units.period
    having count(distinct units.arm) = 1
    union all
    select
        'crossover_share' as check_name,
        'warning' as severity,
        {{ experience_subject('units') }} as subject,
        count(units.crossover_cause) || ' of ' || count(*)
        || ' units saw several variants: '
        || count(*) filter (where units.crossover_cause = 'same_identifier')
        || ' by one identifier, '
        || count(*) filter (where units.crossover_cause = 'merged_identifiers')
        || ' by identifiers that turned out to be one unit' as detail,
        count(units.crossover_cause) as finding_count
    from {{ ref('int_units_exposed') }} as units
    group by units.vendor, units.experience, units.audience_segment
    having count(units.crossover_cause) >= 10
        and count(units.crossover_cause) >= 0.01 * count(*)
    union all
    select
        'arm_stopped' as check_name,
        'warning' as severity,
        stopped.subject,
        stopped.variant || ' was seen last on ' || stopped.last_view_at::date
        || ' while others go on; from then on the arms are of different days' as detail,
        count(*) as finding_count
    from variants as stopped
    inner join views
        on {{ same_grain('stopped', 'views') }}
        and stopped.variant <> views.variant
        and views.occurred_at > stopped.last_view_at + interval 2 day
    where stopped.audience_segment = '(all)'
    group by stopped.subject, stopped.variant, stopped.last_view_at
    having count(*) >= 20
    union all
    select
        'segment_renamed_suspect' as check_name,
        'info' as severity,
        before.vendor || ' / ' || before.experience as subject,
        after.audience_segment || ' begins where ' || before.audience_segment
        || ' ends; if it is the same audience, add it to experiences.segment_aliases'
            as detail,
        after.units::bigint as finding_count
    from segments as before
    inner join segments as after
        on {{ same_grain('before', 'after', ['vendor', 'experience', 'period']) }}
        and before.last_view_at < after.first_view_at
        and before.last_view_at >= after.first_view_at - interval 2 day
    where before.units >= 10 and after.units >= 10
    union all
    select
        'mixed_traffic_type' as check_name,
        'warning' as severity,
        vendor || ' / ' || experience as subject,
        'persons whose treatment was asked for by userId and by anonymousId;'
        || ' one of them may be given both treatments' as detail,
        count(*) as finding_count
    from (
        select vendor, experience, person_id
        from {{ ref('int_exposures') }}
        where vendor = 'split'
        group by all
        having bool_or(user_id is not null) and bool_or(user_id is null)
    ) as persons
    group by all

)

-- What holds of several periods of an experience is one finding.
select
    check_name,
    severity,
    subject,
    detail,
    sum(finding_count)::bigint as finding_count
from findings
group by all
