-- One row per finding about the figures of an experience, or what they are made of.
with looks as (

    select
        ratios.*,
        {{ experience_subject('ratios') }} as subject
    from {{ ref('int_sample_ratios_tested_daily') }} as ratios
    qualify
        ratios.as_of_date = max(ratios.as_of_date) over (
            partition by
                ratios.vendor, ratios.experience, ratios.audience_segment, ratios.period
        )

),

days as (

    select
        conversion,
        occurred_at::date as day,
        count(*) as conversions
    from {{ ref('int_conversions_recognised') }}
    where is_first and not is_refund
    group by all

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

    {{ expected_split_rows() | indent }}

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

)

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
    'conversion_silent' as check_name,
    'warning' as severity,
    days.conversion as subject,
    'none since ' || max(days.day) || ', after '
    || sum(days.conversions) filter (where days.day > as_of.as_of::date - 17)
    || ' in the two weeks before; the event may have been renamed or have stopped'
        as detail,
    1 as finding_count
from days
cross join {{ ref('int_as_of') }} as as_of
group by days.conversion, as_of.as_of
having max(days.day) < as_of.as_of::date - 2
    and sum(days.conversions) filter (where days.day > as_of.as_of::date - 17) >= 20
union all
select
    'running_interval_empty' as check_name,
    'info' as severity,
    {{ experience_subject('looks_so_far') }} as subject,
    conversion || ', ' || metric || ': the looks so far contradict each other;'
    || ' something changed on the way' as detail,
    1 as finding_count
from {{ ref('int_experience_effects_accumulated_daily') }} as looks_so_far
where running_p_value is not null
    and sequential_ci_lower is not null
    and running_ci_lower is null
qualify
    as_of_date = max(as_of_date) over (
        partition by
            vendor, experience, audience_segment, period, conversion, metric, variant
    )
union all
select
    'refund_outside_window' as check_name,
    'info' as severity,
    units.conversion as subject,
    'refunds after the window in which their unit converted; they take nothing back'
        as detail,
    count(distinct refunds.message_id) as finding_count
from {{ ref('int_vendor_conversions') }} as refunds
inner join {{ ref('int_unit_outcomes') }} as units
    on refunds.vendor = units.vendor
    and refunds.unit_id = units.unit_id
    and refunds.conversion = units.conversion
    and refunds.occurred_at >= units.closes_at
where refunds.is_refund and units.conversions > 0
group by units.conversion
union all
select
    'variant_not_in_split' as check_name,
    'warning' as severity,
    visitors.vendor || ' / ' || visitors.experience as subject,
    visitors.variant || ' is not named by the expected split; the sample ratio leaves'
    || ' its units out' as detail,
    max(visitors.visitors) as finding_count
from {{ ref('int_split_visitors_counted_daily') }} as visitors
inner join splits on visitors.experience = splits.experience
group by visitors.vendor, visitors.experience, visitors.variant, visitors.arm
having not bool_or(splits.split_key in (visitors.variant, visitors.arm))
