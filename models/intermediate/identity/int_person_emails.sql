-- One row per person with an email: the latest value of the exact trait `email`,
-- removals respected.
with identifies as (

    select
        user_id,
        anonymous_id,
        {{ mutiny_visitor_id() }} as mutiny_visitor_id,
        {{ merging_email() }} as email,
        {{ json_kind('traits', 'email') }} as email_kind,
        {{ json_text('traits', 'email') }} as email_trait,
        occurred_at,
        received_at,
        message_id
    from {{ ref('stg_segment__identifies') }}
    where not is_excluded

),

latest as (

    select
        {{ person_id() }} as person_id,
        arg_max(
            struct_pack(kind := identifies.email_kind, email := identifies.email_trait),
            {{ message_order('identifies') }}
        ) as trait
    from identifies
    {{ person_joins('identifies') }}
    where identifies.email_kind is not null
    group by all

)

select
    latest.person_id,
    latest.trait.email
from latest
where latest.person_id is not null and latest.trait.kind = 'VARCHAR'
