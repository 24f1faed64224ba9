-- One row per finding about the figures of an experience.
with looks as (

    select
        ratios.*,
        {{ experience_subject('studies') }} as subject
    from {{ ref('int_sample_ratios') }} as ratios
    inner join {{ ref('int_studies') }} as studies
        on ratios.study_id = studies.study_id
    where ratios.as_of_date = {{ last_look() }}

),

-- What units did before they saw anything: no arm can have changed it.
earlier as (

    select
        vendor, experience, period, conversion, arm,
        vendor || ' / ' || experience as subject,
        count(*) as units,
        avg(pre_conversions) as mean,
        var_samp(pre_conversions) / count(*) as squared_error
    from {{ ref('int_unit_outcomes') }}
    where audience_segment = '(all)' and is_last and end_day is null
    group by all

),

splits as (

    select * from {{ source('raw', 'config_expected_splits') }}

),

imbalances as (

    select
        controls.subject,
        controls.conversion,
        controls.units + treated.units as units,
        2 * normal_cdf(-abs(treated.mean - controls.mean) / nullif(sqrt(
            controls.squared_error + treated.squared_error
        ), 0)) as p_value
    from earlier as controls
    inner join earlier as treated
        on {{ same_grain('controls', 'treated', ['vendor', 'experience', 'period']) }}
        and controls.conversion = treated.conversion
        and controls.arm = 'control'
        and treated.arm = 'personalized'

),

findings as (

    select
        'sample_ratio_mismatch' as check_name,
        'warning' as severity,
        subject,
        case
            when has_expected_split then 'units are not split as expected (p '
            else 'units are not split equally, and no split is configured (p '
        end || printf('%.2g', srm_p_value)
        || '); something keeps units of one arm from being seen' as detail,
        1 as finding_count
    from looks
    where is_mismatched
    union all
    select
        'pre_exposure_imbalance' as check_name,
        'warning' as severity,
        subject,
        'the arms differ in ' || conversion || ' before anybody was exposed (p '
        || printf('%.2g', p_value) || '); the split was not by chance' as detail,
        units as finding_count
    from imbalances
    where p_value < 0.001
    union all
    select
        'running_interval_empty' as check_name,
        'info' as severity,
        {{ experience_subject('studies') }} as subject,
        running.conversion || ', ' || running.metric
        || ': the looks so far contradict each other; something changed on the way'
            as detail,
        1 as finding_count
    from {{ ref('int_running') }} as running
    inner join {{ ref('int_studies') }} as studies
        on running.study_id = studies.study_id
    where running.is_contradicted and running.as_of_date = {{ last_look() }}
    union all
    select
        'variant_not_in_split' as check_name,
        'warning' as severity,
        studies.vendor || ' / ' || studies.experience as subject,
        visitors.variant || ' is not named by the expected split; the sample ratio'
        || ' leaves its units out' as detail,
        max(visitors.visitors) as finding_count
    from {{ ref('int_split_visitors') }} as visitors
    inner join {{ ref('int_studies') }} as studies
        on visitors.study_id = studies.study_id
    inner join splits on studies.experience = splits.experience
    where visitors.as_of_date = {{ last_look() }}
    group by studies.vendor, studies.experience, visitors.variant, visitors.arm
    having not bool_or(splits.split_key in (visitors.variant, visitors.arm))

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
