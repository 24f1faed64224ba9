-- The last runs.
select run_id, started_at, finished_at, outcome, rows_landed, rows_rejected, rows_staged, error
from runs
order by started_at desc, run_id desc
limit 10
