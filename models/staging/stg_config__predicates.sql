-- One row per predicate of `segments:`; its flag is a bit of the state of its chunk.
select
    predicate,
    chunk,
    flag,
    kind,
    name,
    value_kind,
    measure,
    within_seconds,
    operator,
    bound
from {{ source('raw', 'config_predicates') }}
