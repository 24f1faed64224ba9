select distinct
    md5(business || ' ' || experiment)::uuid as study_id,
    md5(business || ' ' || experiment)::uuid as pooled_study_id,
    business as vendor,
    experiment::varchar as experience
from drawn_sums
