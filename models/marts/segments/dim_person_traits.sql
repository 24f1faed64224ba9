-- One row per person and trait that they have now.
with latest as (

    select
        person_id,
        trait,
        arg_max(
            struct_pack(value := value, value_kind := value_kind),
            struct_pack(
                changed_at := changed_at,
                received_at := received_at,
                message_id := message_id
            )
        ) as last_change,
        max(changed_at) as updated_at
    from {{ ref('int_trait_changes') }}
    group by person_id, trait

)

select
    latest.person_id,
    latest.trait,
    {{ as_json('latest.last_change.value') }} as value,
    {{ json_type_name('latest.last_change.value_kind') }} as value_type,
    latest.updated_at
from latest
where latest.last_change.value is not null
