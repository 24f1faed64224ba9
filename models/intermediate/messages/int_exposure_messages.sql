{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per exposure message, complete or not, vendor and type of unit that an entry
-- of the vendor asks for, with what its breakdowns follow from.
with views as (

    {% for adapter in ['mutiny', 'split', 'segment_experiment', 'triggered'] -%}
    select * from {{ ref('int_exposures_' ~ adapter) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from views
{% if is_incremental() %}
where file_id in (select file_id from {{ ref('int_affected_files') }})
{% endif %}
