-- One row per person whose rows may differ from the previous build: their messages
-- came, went, changed or got another owner, or other people's messages affect them.
with message_persons as (

    select * from {{ ref('int_message_persons') }} where person_id is not null

),

own_messages as (

    select person_id
    from {{ delta('int_message_persons') }}
    where person_id is not null
    union
    select person_id
    from message_persons
    where file_id in (
            select files.file_id from {{ ref('int_affected_files') }} as files
        )

),

-- Of the conversions of one distinct_by value the first counts, whoever made it.
shared_conversions as (

    select person_id
    from {{ ref('int_resolved_conversions') }}
    where distinct_key in (
            select keys.distinct_key
            from {{ ref('int_affected_conversion_keys') }} as keys
        )

),

members_of_accounts as (

    select person_id
    from {{ ref('int_account_memberships') }}
    where account_id in (
            select traits.account_id
            from {{ delta('int_account_trait_intervals') }} as traits
        )

),

records_of_the_crm as (

    select message_persons.person_id
    from {{ ref('int_history_messages') }} as messages
    inner join message_persons on messages.message_id = message_persons.message_id
    where messages.email in (
            select records.email from {{ delta('int_crm_records_valid') }} as records
        )

),

-- A variant has one arm, whoever's view says which.
arms_of_variants as (

    select person_id
    from {{ ref('int_resolved_exposures') }}
    where (vendor, experience, variant) in (
            select arms.vendor, arms.experience, arms.variant
            from {{ delta('int_variant_arms') }} as arms
        )

)

select person_id from own_messages
union
select person_id from shared_conversions
union
select person_id from members_of_accounts
union
select person_id from records_of_the_crm
union
select person_id from arms_of_variants
