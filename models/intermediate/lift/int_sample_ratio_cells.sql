-- One row per study, look and cell of its sample-ratio test, with the units that saw no
-- other variant: a key of the expected split, or a variant with units where no split is
-- expected.
with

visitors as (

    select visitors.*, studies.experience
    from {{ ref('int_split_visitors') }} as visitors
    inner join {{ ref('int_studies') }} as studies
        on visitors.study_id = studies.study_id

),

splits as (

    select * from {{ source('raw', 'config_expected_splits') }}

),

-- What the split names is expected, also where no unit arrived.
expected as (

    select
        visitors.study_id, visitors.as_of_date, splits.split_key as cell, splits.weight,
        0 as visitors
    from visitors
    inner join splits on visitors.experience = splits.experience

),

-- A key of the split names a variant, else an arm. Units of a variant that the split
-- does not name are left out.
named as (

    select
        visitors.study_id, visitors.as_of_date, splits.split_key as cell, splits.weight,
        visitors.visitors
    from visitors
    inner join splits
        on visitors.experience = splits.experience
        and splits.split_key in (visitors.variant, visitors.arm)
    qualify
        row_number() over (
            partition by visitors.study_id, visitors.as_of_date, visitors.variant
            order by splits.split_key <> visitors.variant
        ) = 1

),

-- Without a split, equal shares of the variants that have units left.
equal as (

    select study_id, as_of_date, variant as cell, 1 as weight, visitors
    from visitors
    where visitors > 0
        and experience not in (select splits.experience from splits)

),

final as (

    select
        *,
        true as has_expected_split
    from expected
    union all
    select
        *,
        true as has_expected_split
    from named
    union all
    select
        *,
        false as has_expected_split
    from equal

)

select
    study_id, as_of_date, cell, weight, has_expected_split,
    cast(sum(visitors) as bigint) as visitors
from final
group by all
