-- One row per person.
with identifiers as (

    select
        person_id,
        bool_or(id_type in ('user_id', 'email')) as is_identified,
        count(distinct id_value) filter (where id_type = 'user_id') as user_id_count,
        count(distinct id_value) filter (where id_type = 'anonymous_id')
            as anonymous_id_count
    from {{ ref('int_identifier_owners') }}
    where person_id is not null
    group by person_id

)

select
    identifiers.person_id,
    identifiers.is_identified,
    activity.first_seen_at,
    activity.last_seen_at,
    identifiers.user_id_count,
    identifiers.anonymous_id_count,
    {{ json_whole_text('emails.value') }} as email
from identifiers
left join {{ ref('int_person_activity') }} as activity
    on identifiers.person_id = activity.person_id
left join {{ ref('dim_person_traits') }} as emails
    on identifiers.person_id = emails.person_id
    and emails.trait = 'email' and emails.value_type = 'string'
