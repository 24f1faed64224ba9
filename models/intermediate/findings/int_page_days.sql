{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per file, source, visitor and day on which it called a page.
select
    file_id,
    source,
    anonymous_id,
    occurred_at::date as day
from {{ ref('stg_segment__messages') }}
where type = 'page'
{% if is_incremental() %}
    and file_id in (select file_id from {{ ref('int_affected_files') }})
{% endif %}
group by all
