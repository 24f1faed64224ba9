-- One row per person whose views, the arms of what they saw, or whose conversions may
-- have changed.
select person_id
from {{ delta('int_exposures_recognised') }}
union
select person_id
from {{ ref('int_exposures_recognised') }}
where
    (vendor, experience, variant) in (
        select arms.vendor, arms.experience, arms.variant
        from {{ delta('int_variant_arms') }} as arms
    )
union
select person_id
from {{ delta('int_conversions_delivered') }}
