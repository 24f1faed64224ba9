-- Settle the winner of every repeated message id. The earliest receipt wins; ties go to the fuller
-- layout, then the source id, then the md5 of the canonical payload, and between equal copies to what
-- needed no repair, the file's path and the row.

-- Eight bytes per message spare the memory that its id would take; few ids are repeated.
create or replace temp table copies as
with

repeated_ids as (
    select hash(message_id) as id_hash
    from raw.messages
    where reject_reason is null and {is_unsettled}
    group by id_hash
    having count(*) > 1
    union
    select hash(message_id)
    from raw.messages
    where (is_duplicate or is_reused) and {is_unsettled}
)

select
    messages.rowid as copy_id,
    messages.file_id,
    messages.row_number,
    messages.message_id,
    messages.is_duplicate,
    coalesce(messages.is_reused, false) as is_reused,
    coalesce(messages.repairs, '') as repairs,
    files.path,
    files.source_id,
    case files.layout when 'raw' then 1 when 's3' then 2 else 3 end as layout_rank,
    coalesce(messages.received_at, messages.given_at) as first_received_at
from raw.messages as messages
inner join raw.files as files on messages.file_id = files.file_id
where messages.reject_reason is null
    and hash(messages.message_id) in (select id_hash from repeated_ids);

-- Ids of messages that differ in more than times. A data lake has lost what raw files keep, so its
-- copies are compared among themselves. Equal contents need no canonical payload to be compared.
create or replace temp table reused_ids as
with

contents as (
    select
        copies.copy_id,
        copies.message_id,
        messages.is_flattened,
        hash(
            messages.type, messages.event, messages.name, messages.category, messages.anonymous_id,
            messages.user_id, messages.group_id, messages.previous_id, messages.channel,
            messages.version, messages.project_id, messages.context, messages.integrations,
            messages.properties, messages.traits, messages.unsound_objects
        ) as content
    from raw.messages as messages
    inner join copies on messages.rowid = copies.copy_id
),

differing_copies as (
    select copy_id, message_id, is_flattened
    from contents
    window same_layout as (partition by message_id, is_flattened)
    qualify min(content) over same_layout <> max(content) over same_layout
),

payloads as (
    select
        messages.rowid as copy_id,
        md5({content_payload}) as payload
    from raw.messages as messages
    where messages.rowid in (select copy_id from differing_copies)
)

select differing_copies.message_id
from differing_copies
inner join payloads on differing_copies.copy_id = payloads.copy_id
group by differing_copies.message_id, differing_copies.is_flattened
having count(distinct payloads.payload) > 1;

update raw.messages
set is_reused = not copies.is_reused
from copies
where messages.file_id = copies.file_id
    and messages.row_number = copies.row_number
    and copies.is_reused <> (copies.message_id in (select message_id from reused_ids));

create or replace temp table ranked_copies as
with

tied_copies as (
    select copy_id
    from copies
    qualify count(*) over (
        partition by message_id, first_received_at, layout_rank, source_id
    ) > 1
),

payloads as (
    select
        messages.rowid as copy_id,
        md5({payload}) as payload
    from raw.messages as messages
    where messages.rowid in (select copy_id from tied_copies)
)

select
    copies.file_id,
    copies.row_number,
    copies.is_duplicate,
    row_number() over (
        partition by copies.message_id
        order by copies.first_received_at, copies.layout_rank, copies.source_id,
            payloads.payload, copies.repairs, copies.path, copies.row_number
    ) > 1 as loses
from copies
left join payloads on copies.copy_id = payloads.copy_id;

-- Only rows whose flags change are written.
update raw.messages
set is_duplicate = ranked_copies.loses
from ranked_copies
where messages.file_id = ranked_copies.file_id
    and messages.row_number = ranked_copies.row_number
    and ranked_copies.is_duplicate <> ranked_copies.loses;

update raw.files
set revision = nextval('raw.revisions')
where file_id in (select file_id from ranked_copies where is_duplicate <> loses);

drop table ranked_copies;
drop table copies;
drop table reused_ids;
delete from raw.unsettled_ids;
update raw.files set is_settled = true where not is_settled;
