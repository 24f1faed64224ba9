{{ config(materialized='incremental', unique_key='file_id', delta=true) }}
-- One row per file as it was last read into the models.
select * from {{ ref('stg_segment__files') }}
