-- One row per vendor, experience, audience segment, conversion and arm that the vendor
-- reports totals of, under the names that count here.
select
    totals.vendor,
    totals.experience,
    coalesce(aliases.canonical_name, totals.audience_segment) as audience_segment,
    totals.conversion,
    totals.arm,
    sum(totals.visitors)::bigint as visitors,
    sum(totals.converters)::bigint as converters,
    {{ exact('sum(totals.value_units)') }} as value_units
from {{ source('raw', 'config_reported_totals') }} as totals
left join {{ source('raw', 'config_segment_aliases') }} as aliases
    on totals.audience_segment = aliases.audience_segment
group by all
