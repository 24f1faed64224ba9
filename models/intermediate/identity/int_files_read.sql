{{ config(materialized='kept', kept_by=['file_id']) }}
-- One row per file as it was last read into the models.
select * from {{ ref('stg_segment__files') }}
