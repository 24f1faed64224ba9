select
    run_id,
    started_at,
    finished_at,
    outcome,
    rows_staged,
    rows_rejected
from runs
order by started_at desc, run_id desc
limit 10
