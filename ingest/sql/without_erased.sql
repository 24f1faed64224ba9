-- Rows of `raw.messages`, those of erased persons without content. Such a row keeps its place and is
-- rejected as `erased`; one that was rejected before keeps its reason, and loses its content also
-- when its text names an erased person.
-- A strong identifier decides: an erased one before another. So on a shared device the messages of
-- other users stay. Without a strong identifier a weak one decides, at the time of the message, or
-- the id of the message.
with

tombstones as (
    select
        identifier_hash,
        bool_or(owned_from is null and owned_to is null) as is_whole,
        list(struct_pack(owned_from := owned_from, owned_to := owned_to)) as intervals
    from raw.tombstones
    group by identifier_hash
),

dated_rows as (
    select
        *,
        case
            when given_at is not null then given_at
            when not has_timestamp then received_at - (sent_at - original_at)
        end as claimed_at
    from {rows}
),

identified_rows as (
    select
        * exclude (claimed_at),
        usable_id(user_id, {blocked}) as usable_user_id,
        case
            when {merge_on_email} and type = 'identify'
                then usable_id(normalised(trait_text(traits, '/email')), {blocked})
        end as usable_email,
        case
            when type = 'alias' and ({merge_on_alias} or usable_id(user_id, {blocked}) is null)
                then usable_id(previous_id, {blocked})
        end as usable_previous_id,
        case
            when type = 'identify' then coalesce(
                trait_text(traits, '/mutinyVisitorId'),
                case when is_flattened then trait_text(traits, '/mutiny_visitor_id') end
            )
        end as visitor_id,
        -- As `stg_segment__messages` dates a message.
        case
            when claimed_at >= timestamp '2000-01-01'
                and not coalesce(claimed_at > received_at + to_seconds({future_skew}), false)
                then claimed_at
            else received_at
        end as occurred_at
    from dated_rows
),

marked_rows as (
    select
        identified_rows.* exclude (
            usable_user_id, usable_email, usable_previous_id, visitor_id, occurred_at
        ),
        case
            when users.is_whole or emails.is_whole or previous_users.is_whole then true
            when case
                when reject_reason is not null then names_erased(coalesce(rejected_payload, ''))
                else false
            end then true
            when usable_user_id is not null or usable_email is not null then false
            else coalesce(is_owned(devices.is_whole, devices.intervals, occurred_at), false)
                or coalesce(is_owned(visitors.is_whole, visitors.intervals, occurred_at), false)
                or coalesce(
                    is_owned(previous_devices.is_whole, previous_devices.intervals, occurred_at),
                    false
                )
                or copies.is_whole is not null
        end as is_erased
    from identified_rows
    left join tombstones as users
        on identifier_hash('user_id', usable_user_id, $inner_pad, $outer_pad)
            = users.identifier_hash
    left join tombstones as emails
        on identifier_hash('email', usable_email, $inner_pad, $outer_pad) = emails.identifier_hash
    left join tombstones as previous_users
        on identifier_hash('user_id', usable_previous_id, $inner_pad, $outer_pad)
            = previous_users.identifier_hash
    left join tombstones as devices
        on identifier_hash('anonymous_id', anonymous_id, $inner_pad, $outer_pad)
            = devices.identifier_hash
    left join tombstones as visitors
        on identifier_hash('mutiny_visitor_id', visitor_id, $inner_pad, $outer_pad)
            = visitors.identifier_hash
    left join tombstones as previous_devices
        on identifier_hash('anonymous_id', usable_previous_id, $inner_pad, $outer_pad)
            = previous_devices.identifier_hash
    left join tombstones as copies
        -- This spares hashing the ids of most messages.
        on identifier_hash(
            'message_id',
            case when has_message_id and usable_user_id is null then message_id end,
            $inner_pad,
            $outer_pad
        ) = copies.identifier_hash
)

select
    file_id,
    row_number,
    source,
    case when is_erased then coalesce(reject_reason, 'erased') else reject_reason end
        as reject_reason,
    is_duplicate and not is_erased as is_duplicate,
    case when not is_erased then columns(
        * exclude (file_id, row_number, source, reject_reason, is_duplicate, is_erased)
    ) end
from marked_rows
