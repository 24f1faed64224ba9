{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per file, destination that is set up, source, call type, event name and
-- reason not to deliver.
with deliveries as (

    select
        'abmatic' as destination,
        file_id,
        source,
        type,
        event_name,
        drop_reason,
        occurred_at
    from {{ ref('int_abmatic_deliveries') }}
    union all
    select
        'mixpanel' as destination,
        file_id,
        source,
        type,
        event_name,
        drop_reason,
        occurred_at
    from {{ ref('int_mixpanel_deliveries') }}
    union all
    select
        'mutiny' as destination,
        file_id,
        source,
        type,
        event_name,
        drop_reason,
        occurred_at
    from {{ ref('int_mutiny_deliveries') }}
    union all
    select
        'split' as destination,
        file_id,
        source,
        type,
        event_name,
        drop_reason,
        occurred_at
    from {{ ref('int_split_deliveries') }}

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
{% if is_incremental() %}
where file_id in (select file_id from {{ ref('int_affected_files') }})
{% endif %}
group by all
