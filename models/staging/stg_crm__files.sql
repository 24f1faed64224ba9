-- One row per file of the CRM.
select
    object,
    landed,
    without_email
from {{ source('raw', 'crm_files') }}
