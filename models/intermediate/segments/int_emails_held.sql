-- One row per person, email and interval in which it was their trait `email`.
with changes as (

    select
        person_id,
        changed_at,
        -- What is no text, or nothing but space, is no email.
        case
            when value_kind = 'VARCHAR'
                then nullif({{ normalised(json_whole_text('value')) }}, '')
        end as email
    from {{ ref('int_trait_changes') }}
    where trait = 'email'
    qualify
        row_number() over (
            partition by person_id, changed_at
            order by received_at desc, message_id desc
        ) = 1

),

moves as (

    select * from changes
    -- Only its spelling has changed otherwise.
    qualify
        email is distinct from lag(email) over (
            partition by person_id
            order by changed_at
        )

),

intervals as (

    select
        person_id,
        email,
        changed_at as held_from,
        lead(changed_at) over (
            partition by person_id
            order by changed_at
        ) as held_to
    from moves

)

select * from intervals
where email is not null
