{{ config(materialized='view') }}
-- One row per vendor, step of its bridge that assigns units, grain, person and type of
-- unit, with the unit that was exposed first: what a conversion that carries no unit of
-- that type counts for. An account is on the message or nowhere.
select
    rules.vendor,
    rules.step_number,
    views.experience,
    views.audience_segment,
    case when rules.has_periods then views.period end as period,
    vendor_units.unit_type,
    views.person_id,
    arg_min(views.unit_id, views.first_view) as unit_id
from {{ ref('int_bridge_views') }} as views
inner join {{ ref('int_bridge_rules') }} as rules
    on views.vendor = rules.vendor and views.unit_kind = rules.unit_kind
inner join {{ source('raw', 'config_vendor_units') }} as vendor_units
    on {{ is_unit_of_type('views', 'vendor_units') }}
where rules.step_number = rules.assigned_by
    and vendor_units.unit_type in ('user_id', 'anonymous_id')
    and views.person_id is not null
    and (rules.has_excluded or not views.is_excluded)
    and (views.is_in_period or not rules.has_periods)
group by all
