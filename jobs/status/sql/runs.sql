select
    run_id,
    started_at,
    finished_at,
    outcome,
    files_staged,
    rows_staged,
    rows_rejected,
    models_built,
    tables_published,
    error
from runs
order by started_at desc, run_id desc
limit 10
