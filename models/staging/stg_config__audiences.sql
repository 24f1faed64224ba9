-- One row per trait of `audiences:`.
select audience
from {{ source('raw', 'config_audiences') }}
