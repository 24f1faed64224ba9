{{ config(
    materialized='incremental',
    unique_key='combination_key',
    affected='int_component_changed_combinations',
    delta=true,
) }}
-- One row per identifier combination with the person its strong identifiers name and
-- the device it is on.
with members as (

    select
        members.combination_key,
        members.id_type,
        members.is_strong,
        components.component
    from {{ ref('int_combination_members') }} as members
    inner join {{ ref('int_identifier_components') }} as components
        on members.identifier_key = components.node
    {% if is_incremental() %}
    where combination_key in (
        select combination_key from {{ ref('int_component_changed_combinations') }}
    )
    {% endif %}

)

select
    combination_key,
    -- The user before the email; an alias names its userId, whose person its previousId
    -- shares.
    coalesce(
        min(component) filter (where id_type = 'user_id'),
        min(component) filter (where id_type = 'email')
    ) as person_key,
    min(component) filter (where not is_strong) as device_key
from members
group by combination_key
