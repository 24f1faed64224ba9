-- One row per value that conversions collapse on, of which messages, or whom they
-- belong to, may have changed.
select distinct_key
from {{ delta('int_conversion_messages') }}
union
select distinct_key
from {{ ref('int_conversion_messages') }}
where message_id in (
        select persons.message_id from {{ delta('int_message_persons') }} as persons
    )
