-- One row per person who may have joined or left a rule segment at another time.
select person_id
from {{ delta('int_predicate_toggles') }}
union
select person_id
from {{ delta('int_person_activity') }}
union
select person_id
from {{ delta('int_persons_told') }}
