-- What became of a vendor's conversions in one grain, with the units that they count for.
with of_vendor as (
    select *
    from fct_conversion_outcomes
    where vendor = $vendor
),
in_grain as (
    select *
    from of_vendor
    where experience = $experience
        and audience_segment = $audience_segment
        and period is not distinct from $period
)
select
    of_vendor.conversion,
    coalesce(in_grain.outcome, of_vendor.outcome) as outcome,
    in_grain.arm,
    count(*) as conversions,
    count(distinct (in_grain.unit_type, in_grain.unit_id)) as units
from of_vendor
left join in_grain
    on of_vendor.conversion = in_grain.conversion
    and of_vendor.message_id = in_grain.message_id
    and of_vendor.unit_type = in_grain.unit_type
where of_vendor.experience = '(none)'
    and list_contains($unit_types, of_vendor.unit_type)
group by all
order by all
