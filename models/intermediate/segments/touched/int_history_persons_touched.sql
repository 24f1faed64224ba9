-- One row per person whose history may have changed.
select person_id
from {{ delta('int_histories_placed') }}
group by person_id
