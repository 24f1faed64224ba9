insert into raw.crm_records by name
select
    $object as object,
    row_number,
    coalesce(id_text, md5(to_json([email, fields])::varchar)) as record_id,
    id_text is not null as has_id,
    email,
    fields,
    valid_from,
    valid_from_text,
    $is_dated as is_dated,
    $file as file
from crm_rows
where email is not null and not is_erased
