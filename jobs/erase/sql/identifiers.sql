-- One row per identifier to bury, with the interval in which it was the person's.
with persons as (
    select distinct person_id
    from dim_identifiers
    where id_type = 'user_id' and id_value in (select unnest($user_ids::varchar[]))
),

owned as (
    select id_type, id_value, owned_from, owned_to
    from dim_identifiers
    where not is_blocked and person_id in (from persons)
),

whole as (
    select id_type, id_value
    from dim_identifiers
    where owned_from is null and owned_to is null and person_id in (from persons)
),

-- Messages that only an interval on a shared device ties to the person.
messages as (
    select 'message_id' as id_type, message_id as id_value, null as owned_from, null as owned_to
    from fct_events
    where person_id in (from persons)
        and coalesce(
            user_id not in (select id_value from whole where id_type = 'user_id'), true
        )
        and coalesce(
            anonymous_id not in (select id_value from whole where id_type = 'anonymous_id'), true
        )
),

-- Every email that the person ever had, even one of somebody else: it finds the CRM's records.
emails as (
    select distinct $crm_email as id_type, email as id_value, null as owned_from, null as owned_to
    from intermediate.int_emails_held
    where person_id in (from persons)
)

select * from owned
union all
select * from messages
union all
select * from emails
