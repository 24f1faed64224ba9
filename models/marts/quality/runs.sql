{{ config(materialized='view', database=target.database) }}
-- One row per nightly run.
-- In the warehouse: how a run ended is known only when it publishes.
select * from {{ source('raw', 'runs') }}
