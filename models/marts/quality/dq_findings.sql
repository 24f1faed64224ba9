-- One row per finding.
with findings as (

    {% for findings in [
        'int_landing_findings', 'int_identity_findings', 'int_crm_findings',
        'int_segment_findings', 'int_exposure_findings', 'int_assignment_findings',
        'int_figure_findings', 'int_conversion_findings', 'int_event_findings',
        'int_source_findings', 'int_destination_findings', 'int_naming_findings',
        'int_split_findings', 'int_website_findings',
        'int_vendor_findings', 'int_mixpanel_findings',
    ] -%}
    select
        check_name,
        severity,
        subject,
        detail,
        finding_count
    from {{ ref(findings) }}
    union all
    {% endfor -%}
    select
        'boolean_as_string' as check_name,
        'warning' as severity,
        vendor || ' / ' || experience as subject,
        'personalized came as text, not as a boolean; it was counted' as detail,
        count(*) as finding_count
    from {{ ref('int_resolved_exposures') }}
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
        'sample_ratio_by_breakdown' as check_name,
        'warning' as severity,
        vendor || ' / ' || experience as subject,
        'units with ' || breakdown || ' ' || value
        || ' are split between the arms unlike the others' as detail,
        -- Of all periods of the experience.
        sum(control_visitors + personalized_visitors) as finding_count
    from {{ ref('rpt_sample_ratios') }}
    where is_mismatched
    group by all
    union all
    select
        'mixed_currencies' as check_name,
        'warning' as severity,
        vendor || ' / ' || experience as subject,
        conversion || ' carries more than one currency; its value metrics are left out'
            as detail,
        1 as finding_count
    from {{ ref('int_mixed_currencies') }}
    where mixed_to is null
    union all
    select
        'schema_drift' as check_name,
        'info' as severity,
        coalesce(event_name || ' / ', '') || property as subject,
        'comes as ' || array_to_string(types, ', ') as detail,
        messages as finding_count
    from {{ ref('rpt_schema_drift') }}
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
    findings.check_name,
    findings.severity,
    findings.subject,
    findings.detail,
    remedies.remedy,
    findings.finding_count::bigint as finding_count
from findings
left join {{ ref('finding_remedies') }} as remedies
    on findings.check_name = remedies.check_name
