-- One row per track call.
select *
from {{ ref('stg_segment__messages') }}
where type = 'track'
