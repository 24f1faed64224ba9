insert into raw.crm_files by name
select
    $object as object,
    $path as path,
    $fingerprint as fingerprint,
    count(*) as landed,
    count(*) filter (email is null) as without_email,
    count(*) filter (is_erased) as erased,
    now() at time zone 'UTC' as staged_at
from crm_rows
returning landed, without_email, erased
