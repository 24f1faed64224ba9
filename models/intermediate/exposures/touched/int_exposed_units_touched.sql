-- One row per unit whose views, or the arms of what it saw, may have changed.
select unit_id
from {{ delta('int_exposures_recognised') }}
where unit_id is not null
union
select unit_id
from {{ ref('int_exposures_recognised') }}
where
    unit_id is not null
    and (vendor, experience, variant) in (
        select arms.vendor, arms.experience, arms.variant
        from {{ delta('int_variant_arms') }} as arms
    )
