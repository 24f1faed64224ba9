-- One row per lead or contact and time it holds from; what a file repeats is one.
select
    object,
    record_id,
    has_id,
    email,
    fields,
    valid_from,
    is_dated,
    -- Without a time nobody knows when a row of a dated file was true.
    not is_dated or valid_from is not null as is_usable,
    file,
    min(row_number) as row_number,
    min(valid_from_text) as valid_from_text
from {{ source('raw', 'crm_records') }}
group by all
