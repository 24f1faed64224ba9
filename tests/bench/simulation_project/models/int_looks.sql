select distinct
    md5(business || ' ' || experiment)::uuid as pooled_study_id,
    date '2026-01-01' + day::integer as as_of_date
from drawn_sums
