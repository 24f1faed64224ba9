-- One row per experience and variant or arm of its expected split.
select
    experience,
    split_key,
    weight
from {{ source('raw', 'config_expected_splits') }}
