select
    person_id,
    first_seen_at as first_told_at
from persons
