{#
    No key of a mart, as its YAML names it under `meta`, is there twice; two nulls (the
    whole time as a period) are alike. It raises an error of its own: dbt would only say
    how many marts have failed.

    Not here: the views rpt_delivery and rpt_journey, which are read to be counted, and
    dq_findings, as findings stop no publication.
#}
{{ config(fail_calc='count(problem)') }}
{%- set marts = [
    'abmatic_campaign_lift', 'abmatic_events', 'bridge_assignment_segments',
    'bridge_person_accounts', 'bridge_person_crm', 'dim_accounts', 'dim_experiences',
    'dim_identifiers', 'dim_person_traits', 'dim_persons', 'dim_user_segments',
    'fct_assignments', 'fct_attributions', 'fct_conversion_outcomes', 'fct_conversions',
    'fct_events', 'fct_experience_cube', 'fct_experience_lift',
    'fct_experience_lift_daily', 'fct_exposures', 'fct_identity_links',
    'fct_identity_merges', 'fct_trait_changes', 'fct_unit_outcomes',
    'fct_user_segment_memberships', 'ga_exposures', 'mixpanel_events',
    'mixpanel_groups', 'mixpanel_identities', 'mixpanel_profiles',
    'mutiny_experience_lift', 'rpt_audience_sync', 'rpt_connections',
    'rpt_conversion_catalog', 'rpt_delivery_summary', 'rpt_event_volume',
    'rpt_experience_history', 'rpt_freshness', 'rpt_incomplete_exposures',
    'rpt_integration_status', 'rpt_lift_by_breakdown', 'rpt_reconciliation',
    'rpt_rejects', 'rpt_sample_ratios', 'rpt_schema_drift', 'rpt_segment_agreement',
    'rpt_trait_catalog', 'rpt_trait_tokens', 'rpt_unattributed_conversions',
    'rpt_vendor_bridge', 'rpt_vendor_reconciliation', 'runs', 'split_attributes',
    'split_events', 'split_impressions',
] %}
with duplicated as (
    {% for mart in marts -%}
    select '{{ mart }}' as mart, count(*) as keys
    from (
        select count(*) from {{ ref(mart) }}
        group by {{ mart_key(mart) | map('tojson') | join(', ') }}
        having count(*) > 1
    )
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

problems as (

    select
        'duplicated keys: ' || string_agg(keys || ' in ' || mart, ', ' order by mart)
            as problem
    from duplicated
    where keys > 0
    having count(*) > 0

)

select error(problem) as problem
from problems
