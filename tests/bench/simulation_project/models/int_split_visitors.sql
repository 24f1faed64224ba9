select
    md5(business || ' ' || experiment)::uuid as study_id,
    md5(business || ' ' || experiment)::uuid as pooled_study_id,
    date '2026-01-01' + day::integer as as_of_date,
    arm as variant,
    arm,
    visitors::bigint as visitors
from drawn_sums
