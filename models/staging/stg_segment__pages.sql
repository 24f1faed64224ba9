-- One row per page call.
select *
from {{ ref('stg_segment__messages') }}
where type = 'page'
