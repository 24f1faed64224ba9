{{ config(materialized='view') }}
-- One row per destination that is set up and message: why it does not receive it; null
-- if it does.
select
    'abmatic' as destination,
    file_id,
    row_number,
    source,
    type,
    event_name,
    occurred_at,
    received_at,
    drop_reason
from {{ ref('int_abmatic_deliveries') }}
union all
select
    'mixpanel' as destination,
    file_id,
    row_number,
    source,
    type,
    event_name,
    occurred_at,
    received_at,
    drop_reason
from {{ ref('int_mixpanel_deliveries') }}
union all
select
    'mutiny' as destination,
    file_id,
    row_number,
    source,
    type,
    event_name,
    occurred_at,
    received_at,
    drop_reason
from {{ ref('int_mutiny_deliveries') }}
union all
select
    'split' as destination,
    file_id,
    row_number,
    source,
    type,
    event_name,
    occurred_at,
    received_at,
    drop_reason
from {{ ref('int_split_deliveries') }}
