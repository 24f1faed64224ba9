-- One row per account.
with seen as (

    select
        account_id,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from {{ ref('int_resolved_account_messages') }}
    group by account_id

),

traits as (

    -- Sorted, so that the text follows from the messages alone.
    select
        account_id,
        '{' || string_agg(
            to_json(trait)::varchar || ':' || value, ',' order by trait
        ) || '}' as traits
    from {{ ref('int_account_traits') }}
    group by account_id

),

members as (

    select
        account_id,
        count(*) as person_count
    from {{ ref('bridge_person_accounts') }}
    where removed_at is null
    group by account_id

)

select
    seen.account_id,
    {{ as_json("coalesce(traits.traits, '{}')") }} as traits,
    coalesce(members.person_count, 0) as person_count,
    seen.first_seen_at,
    seen.last_seen_at
from seen
left join traits on seen.account_id = traits.account_id
left join members on seen.account_id = members.account_id
