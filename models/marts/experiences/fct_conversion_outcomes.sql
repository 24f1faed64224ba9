-- One row per conversion, vendor and type of its units: what becomes of it in every
-- experience that its unit was not exposed to, and one more per grain that its unit was
-- exposed in.
with

deliveries as (

    select * from {{ ref('int_conversions_delivered') }}
    where not is_refund

),

interval_conversions as (

    select * from {{ ref('int_interval_conversions') }}
    where is_last and not is_refund

),

vendor_units as (select * from {{ source('raw', 'config_vendor_units') }}),

unexposed as (

    select
        deliveries.conversion,
        deliveries.message_id,
        deliveries.vendor,
        '(none)' as experience,
        '(all)' as audience_segment,
        null::date as period,
        vendor_units.unit_type,
        {{ unit_id('deliveries', 'vendor_units') }} as unit_id,
        null as variant,
        null as arm,
        deliveries.occurred_at,
        case
            -- The vendor received no message of this distinct_by value.
            when deliveries.is_first and not deliveries.is_value_counted
                then deliveries.drop_reason
            when not deliveries.is_counted then 'repeated_value'
            when unit_id is null then 'without_unit'
            else 'never_exposed'
        end as outcome
    from deliveries
    inner join vendor_units on deliveries.vendor = vendor_units.vendor

),

exposed as (

    select
        conversion,
        message_id,
        vendor,
        experience,
        audience_segment,
        period,
        unit_type,
        unit_id,
        variant,
        arm,
        occurred_at,
        case
            when occurred_at < counted_from then 'before_exposure'
            when not is_in_window then 'outside_window'
            when end_day is not null then 'crossover'
            else 'counted'
        end as outcome
    from interval_conversions

),

outcomes as (

    select * from unexposed
    union all
    select * from exposed

)

select
    outcomes.conversion,
    outcomes.message_id,
    outcomes.vendor,
    outcomes.experience,
    outcomes.audience_segment,
    outcomes.period,
    outcomes.unit_type,
    {{ published_unit_id('outcomes', 'vendor_units') }} as unit_id,
    outcomes.variant,
    outcomes.arm,
    outcomes.occurred_at as converted_at,
    outcomes.outcome
from outcomes
inner join vendor_units
    on outcomes.vendor = vendor_units.vendor
    and outcomes.unit_type = vendor_units.unit_type
