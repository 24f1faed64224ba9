{{ config(materialized='view') }}
-- One row per nightly run.
select * from {{ source('raw', 'runs') }}
