-- One row per vendor that is set up and step from its rules to ours, with the rules of
-- that step: each swaps one. Step 0 makes the vendor's own table of lift.
with

units as (

    select vendor, bool_and(unit_type = 'person') as are_persons
    from {{ source('raw', 'config_vendor_units') }}
    group by vendor

),

vendors as (

    select destinations.vendor, units.are_persons, known.*
    from {{ source('raw', 'config_destinations') }} as destinations
    inner join (
        values
        ('mutiny', 'ever_treated', 'seven_days', null),
        -- Visitors first exposed within the 60 days before as-of.
        ('abmatic', 'first', 'as_of', 60 * 86400),
        -- Who was shown two treatments under one rule is left out.
        ('split', 'exclude', 'as_of', null)
    ) as known (name, crossover, time_limit, recent_seconds)
        on destinations.vendor = known.name
    inner join units on destinations.vendor = units.vendor
    where destinations.is_named

),

steps as (

    select known.*
    from (
        values
        (0, 'vendor_table', 'own'),
        (1, 'vendor_rules', 'copies'),
        (2, 'duplicates_removed', 'messages'),
        (3, 'delivered_only', 'received'),
        (4, 'persons_resolved', 'resolved'),
        (5, 'crossovers_resolved', 'resolved'),
        (6, 'window_applied', 'resolved'),
        (7, 'periods_and_exclusions', 'counted')
    ) as known (step_number, step, counting)

),

rules as (

    select
        vendors.vendor,
        steps.step_number,
        steps.step,
        -- Which conversions count: see int_bridge_conversions.
        steps.counting,
        case
            when steps.step_number = 0 and not vendors.are_persons then 'person'
            when steps.step_number between 1 and 3 and vendors.vendor <> 'split'
                then 'device'
            else 'configured'
        end as unit_kind,
        case
            when steps.step_number < 5 then vendors.crossover
            else '{{ var('statistics')['crossover'] }}'
        end as crossover,
        -- A conversion counts for seven days, until as-of or in its configured window.
        case
            when steps.step_number < 6 then vendors.time_limit else 'window'
        end as time_limit,
        case when steps.step_number < 6 then vendors.recent_seconds end
            as recent_seconds,
        steps.step_number between 1 and 6 as has_excluded,
        steps.step_number = 7 as has_periods,
        steps.step_number = 0 and vendors.vendor = 'abmatic' as is_received_only
    from vendors
    cross join steps
    where vendors.vendor <> 'split' or steps.step_number > 0

)

select
    *,
    -- Steps that assign units alike share the assignments of the first of them.
    min(step_number) over (
        partition by
            vendor, unit_kind, crossover, has_excluded, has_periods, is_received_only
    ) as assigned_by
from rules
