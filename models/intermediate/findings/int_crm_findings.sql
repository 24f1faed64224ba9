-- One row per finding about the files of the CRM and the trait that joins them.
with candidates as (

    select *
    from {{ ref('stg_crm__records') }} as records
    where is_usable
        and exists (
            select 1
            from {{ ref('int_crm_records_valid') }} as valid_records
            where records.object = valid_records.object
                and records.email = valid_records.email
        )

),

matches as (

    select object, email
    from candidates
    -- Without an Id, rows of other times are the history of one record.
    where has_id
    group by object, email
    having count(distinct record_id) > 1
    union
    select object, email
    from candidates
    group by object, email, valid_from
    having count(*) > 1

),

emails as (

    select
        records.object,
        records.email,
        count(held.email) = 0 as is_unmatched
    from {{ ref('int_crm_records_valid') }} as records
    left join {{ ref('int_emails_held') }} as held on records.email = held.email
    group by records.object, records.email

)

select
    'crm_several_matches' as check_name,
    'warning' as severity,
    object as subject,
    'emails with more than one record: the later valid_from_column holds, then the'
    || ' smallest record id'
        as detail,
    count(*) as finding_count
from matches
group by all
union all
select
    'crm_invalid_valid_from' as check_name,
    'warning' as severity,
    object as subject,
    'rows whose valid_from_column holds no ISO 8601 date or date-time; not used, the'
    || ' first is row ' || min(row_number) || ' of ' || min(file)
        as detail,
    count(*) as finding_count
from {{ ref('stg_crm__records') }}
where not is_usable
group by object
union all
select
    'crm_without_email' as check_name,
    'info' as severity,
    object as subject,
    'rows of ' || landed || ' without an email; left out' as detail,
    without_email as finding_count
from {{ ref('stg_crm__files') }}
where without_email > 0
union all
select
    'crm_unmatched' as check_name,
    'info' as severity,
    object as subject,
    'emails of ' || count(*) || ' that were nobody''s trait `email`' as detail,
    count(*) filter (where is_unmatched) as finding_count
from emails
group by object
having bool_or(is_unmatched)
union all
select
    'near_miss_email_trait' as check_name,
    'warning' as severity,
    trait as subject,
    'persons with this trait: only the exact trait `email` is read as an email and'
    || ' joins the CRM; rename it where it is set'
        as detail,
    count(distinct person_id) as finding_count
from {{ ref('int_trait_changes') }}
where value is not null
    and trait <> 'email'
    and regexp_replace(lower(trait), '[^a-z0-9]', '', 'g') in ('email', 'emailaddress')
group by trait
