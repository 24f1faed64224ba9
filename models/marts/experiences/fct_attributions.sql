-- One row per conversion, vendor, experience, audience segment and model that credits
-- it.
with paths as (

    select
        *,
        row_number() over (
            partition by vendor, conversion, message_id order by first_view
        ) = 1 as is_first,
        row_number() over (
            partition by vendor, conversion, message_id order by last_view desc
        ) = 1 as is_last,
        count(*) over (partition by vendor, conversion, message_id) as places
    from {{ ref('int_attribution_paths') }}

),

credits as (

    select *, 'first' as model, first_view as credited_view, 1.0 as weight
    from paths
    where is_first
    union all
    select *, 'last' as model, last_view as credited_view, 1.0 as weight
    from paths
    where is_last
    union all
    select *, 'linear' as model, first_view as credited_view, 1.0 / places as weight
    from paths
    union all
    select *, 'any' as model, first_view as credited_view, 1.0 as weight
    from paths

)

select
    credits.conversion,
    credits.message_id,
    credits.vendor,
    credits.experience,
    credits.audience_segment,
    credits.model,
    credits.credited_view.message_id as exposure_message_id,
    credits.weight::double as weight,
    credits.value_units * credits.weight / 10000.0::double as value
from credits
