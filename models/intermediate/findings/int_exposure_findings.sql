-- One row per finding about the exposure messages of a vendor.
with views as (

    {% for adapter in ['mutiny', 'split', 'segment_experiment', 'triggered'] -%}
    select
        vendor,
        source,
        is_expected_source
    from {{ ref('int_exposures_' ~ adapter) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    'exposure_from_unexpected_source' as check_name,
    'warning' as severity,
    source || ' / ' || vendor as subject,
    'exposures from a source that its adapter does not list under sources;'
    || ' they count nowhere' as detail,
    count(*) as finding_count
from views
where not is_expected_source
group by source, vendor
