update raw.runs
set finished_at = now() at time zone 'UTC',
    outcome = $outcome,
    files_staged = $files_staged,
    rows_landed = $rows_landed,
    rows_rejected = $rows_rejected,
    rows_staged = $rows_landed::bigint - $rows_rejected::bigint,
    models_built = $models_built,
    tables_published = $tables_published,
    error = $error,
    ingest_seconds = $ingest,
    build_seconds = $build,
    publish_seconds = $publish,
    export_seconds = $export,
    report_seconds = $report,
    peak_memory = $peak_memory
where run_id = $run_id
