-- One row per file of which any message, or what its messages mean, has changed.
select file_id
from {{ delta('int_files_read') }}
group by file_id
