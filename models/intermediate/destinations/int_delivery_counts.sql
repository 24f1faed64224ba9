{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per file, destination that is set up, source, call type, event name and
-- reason not to deliver.
with deliveries as (

    select * from {{ ref('int_deliveries') }}
    {% if is_incremental() %}
    where file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

)

select
    file_id,
    destination,
    source,
    type,
    event_name,
    drop_reason,
    count(*) as messages,
    min(occurred_at) as first_occurred_at,
    max(occurred_at) as last_occurred_at
from deliveries
group by all
