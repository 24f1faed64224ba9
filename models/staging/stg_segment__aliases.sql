-- One row per alias call.
select *
from {{ ref('stg_segment__messages') }}
where type = 'alias'
