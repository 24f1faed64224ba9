-- One row per identify call.
select *
from {{ ref('stg_segment__messages') }}
where type = 'identify'
