{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per grain, person and type of unit with the unit that was exposed first: what
-- a conversion that carries no unit of that type counts for. An account is on the
-- message or nowhere.
select
    views.vendor,
    views.experience,
    views.audience_segment,
    views.period,
    views.person_id,
    vendor_units.unit_type,
    arg_min(views.unit_id, {{ message_order('views') }}) as unit_id
from {{ ref('int_exposures_assigned') }} as views
inner join {{ source('raw', 'config_vendor_units') }} as vendor_units
    on {{ is_unit_of_type('views', 'vendor_units') }}
where vendor_units.unit_type in ('user_id', 'anonymous_id')
{% if is_incremental() %}
    and views.person_id in (
        select affected.person_id from {{ ref('int_affected_persons') }} as affected
    )
{% endif %}
group by all
