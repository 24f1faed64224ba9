{{ config(
    materialized='kept', kept_by=['file_id'], touched='int_files_read_changed'
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
    where {{ only_touched('file_id', 'int_files_read_changed') }}

)

select
    *,
    {{ set_key() }} as set_key
from identified
