-- One row per person of whom a predicate of `segments` may have turned at another time.
select person_id
from {{ ref('int_history_persons_touched') }}
union
select person_id
from {{ delta('int_predicate_spells') }}
