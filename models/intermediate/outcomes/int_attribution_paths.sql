{{ config(
    materialized='incremental',
    unique_key='person_id',
    affected='int_affected_persons',
) }}
-- One row per conversion that a vendor counts and personalized view before it in its
-- window, by experience and audience segment: the first and the last of them.
{%- set place = 'vendor, person_id, experience, audience_segment' %}
with conversions as (

    select *
    from {{ ref('int_vendor_conversions') }}
    where not is_refund

),

views as (

    select
        vendor,
        person_id,
        experience,
        coalesce(assigned_segment, '(all)') as audience_segment,
        occurred_at,
        received_at,
        message_id,
        {{ message_order() }} as view
    from {{ ref('int_exposures') }}
    where arm = 'personalized'
        and person_id in (select conversions.person_id from conversions)
    {% if is_incremental() %}
        and person_id in (
            select affected.person_id from {{ ref('int_affected_persons') }} as affected
        )
    {% endif %}

),

places as (

    select {{ place }}
    from views
    group by all

),

window_ends as (

    select
        *,
        2 as step,
        {{ seconds_after('occurred_at', '-window_seconds') }} as moment
    from conversions
    union all
    select
        *,
        3 as step,
        occurred_at as moment
    from conversions

),

-- Views and the ends of all windows in one order: a join of a person's views with their
-- conversions would cost the square of what the busiest person did.
timeline as (

    select
        {{ place }}, occurred_at as moment, 1 as step, received_at, message_id, view,
        null as conversion, null as value_units
    from views
    union all
    select
        places.*, window_ends.moment, window_ends.step, null as received_at,
        window_ends.message_id, null as view, window_ends.conversion,
        window_ends.value_units
    from window_ends
    inner join places
        on window_ends.vendor = places.vendor
        and window_ends.person_id = places.person_id

),

neighbours as (

    select
        *,
        -- A view at the very start of a window lies outside, one at its end inside.
        first_value(view ignore nulls) over (
            partition by {{ place }} order by moment, step, received_at, message_id
            rows between current row and unbounded following
        ) as next_view,
        last_value(view ignore nulls) over (
            partition by {{ place }} order by moment, step, received_at, message_id
            rows between unbounded preceding and current row
        ) as previous_view
    from timeline

),

paths as (

    select
        conversion,
        message_id,
        vendor,
        person_id,
        value_units,
        experience,
        audience_segment,
        min(next_view) filter (where step = 2) as first_view,
        min(previous_view) filter (where step = 3) as last_view
    from neighbours
    where conversion is not null
    group by all

)

select paths.* from paths
-- Of a window without a view the next one follows the last one.
where paths.first_view.occurred_at <= paths.last_view.occurred_at
