select
    person_id,
    first_seen_at as first_observed_at
from persons
