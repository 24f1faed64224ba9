{{ config(
    materialized='kept', kept_by=['file_id'], touched='int_files_read_changed'
) }}
-- One row per file, source, visitor and day on which it called a page.
select
    file_id,
    source,
    anonymous_id,
    occurred_at::date as day
from {{ ref('stg_segment__pages') }}
where {{ only_touched('file_id', 'int_files_read_changed') }}
group by all
