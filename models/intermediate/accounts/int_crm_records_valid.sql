{{ config(materialized='incremental', unique_key='email', delta=true) }}
-- One row per email, kind of record and interval in which one record of it holds.
with usable as (

    select * from {{ ref('stg_crm__records') }}
    where is_usable

),

contact_emails as (

    select email from usable
    where object = 'contact'
    group by email

),

eligible as (

    -- A lead that was converted is a contact: its email has no lead any more.
    select usable.*
    from usable
    left join contact_emails on usable.email = contact_emails.email
    where usable.object = 'contact' or contact_emails.email is null

),

chosen as (

    select * from eligible
    -- Of several records of one time one holds, whatever their order in the file.
    qualify
        row_number() over (
            partition by email, object, valid_from
            order by record_id, fields
        ) = 1

),

compared as (

    select
        *,
        lag(record_id || fields) over (
            partition by email, object
            order by valid_from
        ) as said_before
    from chosen

)

select
    email,
    object,
    record_id,
    fields,
    valid_from as holds_from,
    lead(valid_from) over (
        partition by email, object
        order by valid_from
    ) as holds_to,
    not is_dated as is_retrospective
from compared
where said_before is null or said_before <> record_id || fields
