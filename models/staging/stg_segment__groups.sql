-- One row per group call.
select *
from {{ ref('stg_segment__messages') }}
where type = 'group'
