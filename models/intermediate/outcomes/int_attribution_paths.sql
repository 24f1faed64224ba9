{{ config(
    materialized='kept',
    kept_by=['person_id'],
    touched='int_attributed_persons_touched',
) }}
-- One row per conversion that a vendor counts and personalized view before it in its
-- window, by experience and audience segment: the first and the last of them.
with views as (

    select
        vendor,
        experience,
        coalesce({{ segment_alias('audience_segment') }}, '(all)') as audience_segment,
        person_id,
        occurred_at,
        {{ message_order() }} as view
    from {{ ref('int_exposures') }}
    where arm = 'personalized'
        and {{ only_touched('person_id', 'int_attributed_persons_touched') }}

)

select
    conversions.conversion,
    conversions.message_id,
    conversions.vendor,
    conversions.person_id,
    conversions.value_units,
    views.experience,
    views.audience_segment,
    min(views.view) as first_view,
    max(views.view) as last_view
from {{ ref('int_vendor_conversions') }} as conversions
inner join views
    on conversions.vendor = views.vendor
    and conversions.person_id = views.person_id
    and conversions.occurred_at >= views.occurred_at
    and conversions.occurred_at
    < {{ seconds_after('views.occurred_at', 'conversions.window_seconds') }}
where not conversions.is_refund
group by all
