-- How fresh each source is, and what became of its rows.
with landed as (
    select
        source,
        sum(landed)::bigint as landed,
        sum(rejected)::bigint as rejected,
        sum(duplicates)::bigint as duplicates,
        sum(staged)::bigint as staged
    from rpt_reconciliation
    group by all
)

select
    coalesce(rpt_freshness.source, landed.source) as source,
    rpt_freshness.last_received_at,
    rpt_freshness.delay_p50_seconds,
    rpt_freshness.delay_p95_seconds,
    rpt_freshness.late_messages,
    landed.landed,
    landed.rejected,
    landed.duplicates,
    landed.staged
from rpt_freshness
full join landed on rpt_freshness.source = landed.source
order by source
