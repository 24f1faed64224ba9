-- A file of the CRM has the records of one object.
update raw.crm_files as files
set erased = files.erased + coalesce(there.records, 0) - coalesce(here.records, 0)
from old.raw.crm_files as known
left join (select object, count(*) as records from old.raw.crm_records group by object) as there
    on known.object = there.object
left join (select object, count(*) as records from raw.crm_records group by object) as here
    on known.object = here.object
where files.object = known.object
