-- One row per study, conversion and day that changes figures without a unit: on which its
-- rows begin, on which they have ended, and from which on its currencies are mixed or not.
with

spans as (select * from {{ ref('int_study_spans') }}),

mixed as (select * from {{ ref('int_mixed_currencies') }}),

currency_days as (

    select vendor, experience, conversion, mixed_from as changed_day from mixed
    union
    select vendor, experience, conversion, mixed_to from mixed

),

final as (

    select study_id, pooled_study_id, conversion, first_day as changed_day
    from spans
    union
    -- Rows that end leave the family of those that go on.
    select study_id, pooled_study_id, conversion, (last_day + interval 1 day)::date
    from spans
    union
    select
        spans.study_id, spans.pooled_study_id, spans.conversion,
        currency_days.changed_day
    from spans
    inner join currency_days
        on spans.vendor = currency_days.vendor
        and spans.experience = currency_days.experience
        and spans.conversion = currency_days.conversion
        and spans.first_day <= currency_days.changed_day

)

select * from final
