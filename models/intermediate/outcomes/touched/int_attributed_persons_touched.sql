-- One row per person whose views or conversions may have changed.
select person_id
from {{ changes('int_exposures_recognised') }}
union
select person_id
from {{ changes('int_conversions_delivered') }}
