{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per person, kind of record and interval in which one record of the CRM with
-- these fields is theirs.
with matched as (

    select
        emails.person_id,
        emails.held_from,
        emails.held_to,
        records.*
    from {{ ref('int_emails_held') }} as emails
    inner join {{ ref('int_crm_records_valid') }} as records
        on emails.email = records.email
        and (
            emails.held_to is null
            or records.holds_from is null
            or emails.held_to > records.holds_from
        )
        and (records.holds_to is null or emails.held_from < records.holds_to)
    {% if is_incremental() %}
    where emails.person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}

)

select
    person_id,
    object,
    record_id,
    fields,
    case when holds_from > held_from then holds_from else held_from end as holds_from,
    case
        when holds_to is null or held_to < holds_to then held_to
        else holds_to
    end as holds_to,
    is_retrospective
from matched
