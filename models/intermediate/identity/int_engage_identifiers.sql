-- One row per identifier that only Engage names: a person row without a first or last
-- seen.
with named as (

    select
        {{ usable_identifier('user_id') }} as user_id,
        {{ usable_identifier(merging_email()) }} as email,
        {{ usable_identifier('anonymous_id') }} as anonymous_id,
        {{ usable_identifier(mutiny_visitor_id()) }} as mutiny_visitor_id
    from {{ ref('stg_segment__messages') }}
    where is_engage and not is_excluded and not is_system

),

chosen as (

    select
        case
            when user_id is not null then 'user_id'
            when email is not null then 'email'
            when anonymous_id is not null then 'anonymous_id'
            when mutiny_visitor_id is not null then 'mutiny_visitor_id'
        end as id_type,
        coalesce(user_id, email, anonymous_id, mutiny_visitor_id) as id_value
    from named
    group by all

)

select
    chosen.id_type,
    chosen.id_value
from chosen
left join {{ ref('int_identifiers_seen') }} as seen
    on chosen.id_type = seen.id_type and chosen.id_value = seen.id_value
where chosen.id_value is not null and seen.id_value is null
