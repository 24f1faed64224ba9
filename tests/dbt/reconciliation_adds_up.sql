-- Nothing is lost: what landed is rejected, a duplicate or staged.
select *
from {{ ref('rpt_reconciliation') }}
where landed <> rejected + duplicates + staged
