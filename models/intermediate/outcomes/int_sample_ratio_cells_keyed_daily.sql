with visitors as (

    select * from {{ ref('int_split_visitors_counted_daily') }}

),

splits as (

    select * from {{ ref('stg_config__expected_splits') }}

),

-- A key of the split names a variant, else an arm.
keyed as (

    select
        visitors.*,
        coalesce(variant_splits.split_key, arm_splits.split_key) as split_key,
        coalesce(variant_splits.weight, arm_splits.weight) as weight,
        visitors.experience in (
            select splits.experience from splits
        ) as has_expected_split
    from visitors
    left join splits as variant_splits
        on visitors.experience = variant_splits.experience
        and visitors.variant = variant_splits.split_key
    left join splits as arm_splits
        on visitors.experience = arm_splits.experience
        and visitors.arm = arm_splits.split_key

),

-- Units of a variant that the split does not name are left out.
named as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        as_of_date,
        has_expected_split,
        split_key as cell,
        weight,
        visitors
    from keyed
    where split_key is not null

),

-- What the split names is expected, also where no unit arrived.
expected as (

    select
        visitors.vendor,
        visitors.experience,
        visitors.audience_segment,
        visitors.period,
        visitors.as_of_date,
        true as has_expected_split,
        splits.split_key as cell,
        splits.weight,
        0 as visitors
    from visitors
    inner join splits on visitors.experience = splits.experience

),

-- Without a split, equal shares of the variants that have units left.
equal as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        as_of_date,
        has_expected_split,
        variant as cell,
        1 as weight,
        visitors
    from keyed
    where not has_expected_split and visitors > 0

),

unioned as (

    select * from named
    union all
    select * from expected
    union all
    select * from equal

),

cells as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        as_of_date,
        has_expected_split,
        cell,
        weight,
        cast(sum(visitors) as bigint) as visitors
    from unioned
    group by all

)

select * from cells
