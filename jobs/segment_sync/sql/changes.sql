-- One row per rule segment and identifier whose membership differs from what was sent last.
with memberships as (
    select
        keys.key,
        memberships.person_id,
        memberships.member_from,
        memberships.member_to,
        memberships.member_to is null or $as_of < memberships.member_to as is_open
    from fct_user_segment_memberships as memberships
    inner join keys on memberships.user_segment = keys.user_segment
    where memberships.origin = 'rule' and memberships.member_from <= $as_of
),

histories as (
    select
        key,
        person_id,
        bool_or(is_open) as is_member,
        case
            when bool_or(is_open) then max(member_from) filter (is_open)
            else max(member_to)
        end as turned_at
    from memberships
    group by key, person_id
),

owners as (
    select
        id_type,
        id_value,
        person_id,
        owned_from
    from dim_identifiers
    where id_type in ('user_id', 'anonymous_id')
        and not is_blocked
        and (owned_from is null or owned_from <= $as_of)
        and (owned_to is null or $as_of < owned_to)
),

-- A device is used only for a person without a user id.
addressed as (
    select *
    from owners
    qualify id_type = 'user_id'
        or not bool_or(id_type = 'user_id') over (partition by person_id)
),

candidates as (
    select
        histories.key,
        addressed.id_type,
        addressed.id_value
    from histories
    inner join addressed on histories.person_id = addressed.person_id
    where histories.is_member
    union
    select
        key,
        id_type,
        id_value
    from sent
    where key in (select key from keys)
),

compared as (
    select
        candidates.*,
        coalesce(histories.is_member, false) as is_member,
        coalesce(sent.is_member, false) as was_member,
        sent.told_at,
        -- A device that changed hands cannot have joined or left before it did.
        greatest(histories.turned_at, owners.owned_from) as turned_at
    from candidates
    left join owners
        on candidates.id_type = owners.id_type and candidates.id_value = owners.id_value
    left join histories
        on candidates.key = histories.key and owners.person_id = histories.person_id
    left join sent
        on candidates.key = sent.key
        and candidates.id_type = sent.id_type
        and candidates.id_value = sent.id_value
)

select
    key,
    id_type,
    id_value,
    is_member,
    -- A correction must be later than what was sent before, or the receiver would ignore it.
    case
        when told_at is null or turned_at > told_at then turned_at
        else greatest($as_of, told_at + interval 1 microsecond)
    end as told_at
from compared
where is_member <> was_member
