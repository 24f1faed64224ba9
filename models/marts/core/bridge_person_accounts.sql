-- One row per person and account that they have belonged to.
select
    person_id,
    account_id,
    min(member_from) as first_seen_at,
    max(last_seen_at) as last_seen_at,
    -- Only the last interval can be open.
    case when bool_and(member_to is not null) then max(member_to) end as removed_at
from {{ ref('int_account_memberships') }}
group by person_id, account_id
