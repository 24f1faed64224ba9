-- One row per identifier combination whose messages or members may have changed.
with changed as (

    -- Of the messages, not of the sets: one may take the place of another between the
    -- first and the last.
    select
        combination_key,
        user_id,
        anonymous_id
    from {{ delta('int_message_identifiers') }}
    group by all

),

-- What an alias's previousId is depends on where else the value stands.
spoken_of as (

    select user_id as previous_id from changed where user_id is not null
    union
    select anonymous_id from changed where anonymous_id is not null

)

select combination_key from changed
union
select sets.combination_key
from {{ ref('int_identifier_combinations') }} as sets
inner join spoken_of on sets.previous_id = spoken_of.previous_id
