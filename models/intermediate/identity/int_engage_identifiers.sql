{{ config(materialized='kept', kept_by=['identifier_key']) }}
-- One row per identifier that only Engage names: a person row without a first or last
-- seen.
with named as (

    select
        {{ usable_identifier('user_id') }} as user_id,
        {{ usable_identifier('email') }} as email,
        {{ usable_identifier('anonymous_id') }} as anonymous_id,
        {{ usable_identifier('mutiny_visitor_id') }} as mutiny_visitor_id
    from {{ ref('int_identifier_sets') }}
    where is_engage

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

),

keyed as (

    select
        {{ identifier_key('id_type', 'id_value') }} as identifier_key,
        id_type,
        id_value
    from chosen
    where id_value is not null

)

select *
from keyed
where identifier_key not in (
        select seen.identifier_key from {{ ref('int_identifiers_seen') }} as seen
    )
