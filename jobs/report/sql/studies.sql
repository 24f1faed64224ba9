-- One row per vendor, experience and period: who saw it, and what the report calls it.
select
    vendor,
    experience,
    period,
    min(vendor) over () <> max(vendor) over () as has_vendors,
    first_seen_at,
    last_seen_at,
    impressions,
    visitors,
    crossover_visitors,
    srm_p_value,
    srm_cause
from dim_experiences
where audience_segment = '(all)'
order by experience, vendor, period
