-- One row per entry of Split's and flag, with its control treatment; `*` is every other
-- flag.
select
    entry,
    experience,
    treatment
from {{ source('raw', 'config_split_baselines') }}
