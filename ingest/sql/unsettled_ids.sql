message_id in (
    select message_id
    from raw.messages
    where file_id in (select file_id from raw.files where not is_settled)
    union all
    select message_id
    from raw.unsettled_ids
)
