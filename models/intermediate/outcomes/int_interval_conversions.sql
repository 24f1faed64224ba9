{{ config(
    materialized='incremental', unique_key='unit_id', affected='int_affected_units'
) }}
-- One row per assignment interval, conversion and message of its unit that makes or
-- refunds it, whenever that happened: in the window, in the look-back or outside both.
{%- set lookback = var('statistics').get('cuped_lookback_seconds', 1209600) %}
with intervals as (

    select *
    from {{ ref('int_assignment_intervals') }}
    {% if is_incremental() %}
    where unit_id in (select unit_id from {{ ref('int_affected_units') }})
    {% endif %}

),

views as (

    select *
    from {{ ref('int_exposures_assigned') }}
    {% if is_incremental() %}
    where person_id in (
        select affected.person_id
        from {{ ref('int_exposures_assigned') }} as affected
        where affected.unit_id in (select unit_id from {{ ref('int_affected_units') }})
    )
    {% endif %}

),

-- In which unit of a type a person was exposed first. An account is on the message or
-- nowhere.
first_units as (

    select
        views.vendor,
        views.experience,
        views.audience_segment,
        views.period,
        views.person_id,
        vendor_units.unit_type,
        arg_min(views.unit_id, {{ message_order('views') }}) as unit_id
    from views
    inner join {{ source('raw', 'config_vendor_units') }} as vendor_units
        on {{ is_unit_of_type('views', 'vendor_units') }}
    where vendor_units.unit_type in ('user_id', 'anonymous_id')
    group by all

),

matched as (

    select
        intervals.*,
        {{ all_columns_but(['vendor', 'unit_id'], 'conversions') }}
    from intervals
    inner join {{ ref('int_unit_conversions') }} as conversions
        on intervals.vendor = conversions.vendor
        and intervals.unit_id = conversions.unit_id
    union all
    -- What carries no unit of a type is of the unit in which its person was exposed
    -- first.
    select
        intervals.*,
        {{ all_columns_but(['vendor', 'unit_id'], 'conversions') }}
    from intervals
    inner join first_units
        on {{ same_grain('intervals', 'first_units') }}
        and intervals.unit_id = first_units.unit_id
    inner join {{ ref('int_unit_conversions') }} as conversions
        on intervals.vendor = conversions.vendor
        and first_units.person_id = conversions.person_id
        and first_units.unit_type = conversions.unit_type
        and conversions.unit_id is null

)

select
    vendor,
    experience,
    audience_segment,
    period,
    unit_id,
    variant,
    arm,
    counted_from,
    end_day,
    is_last,
    conversion,
    message_id,
    unit_type,
    occurred_at,
    is_refund,
    value_units,
    currency,
    -- The instant of exposure counts, the instant of the end does not.
    occurred_at >= counted_from
    and occurred_at < {{ seconds_after('counted_from', 'window_seconds') }}
        as is_in_window,
    occurred_at < counted_from
    and occurred_at >= {{ seconds_after('counted_from', -lookback) }}
        as is_in_lookback
from matched
