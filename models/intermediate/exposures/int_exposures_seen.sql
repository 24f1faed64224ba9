{{ config(
    materialized='incremental',
    unique_key='file_id',
    affected='int_files_read__delta',
    delta=true,
) }}
-- One row per exposure message, complete or not, vendor and type of unit that an entry
-- of the vendor asks for, with what its person, unit and breakdowns follow from.
with views as (

    {% for adapter in ['mutiny', 'split', 'segment_experiment', 'triggered'] -%}
    select * from {{ ref('int_exposures_' ~ adapter) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

identified as (

    select
        * exclude (user_id, anonymous_id, previous_id, traits),
        {{ written_identifiers() }},
        {{ account_id() }} as account_id
    from views
    {% if is_incremental() %}
    where file_id in (
        select file_id from {{ delta('int_files_read') }}
    )
    {% endif %}

)

select
    *,
    {{ set_key() }} as set_key
from identified
