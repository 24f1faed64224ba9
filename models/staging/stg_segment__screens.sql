-- One row per screen call.
select *
from {{ ref('stg_segment__messages') }}
where type = 'screen'
