-- One row per study, conversion, day and variant of what changes figures though no unit
-- has done more: units cross over. Without a variant: rows begin or have ended, or
-- currencies begin or cease to be mixed.
with

spans as (select * from {{ ref('int_study_spans') }}),

mixed as (select * from {{ ref('int_mixed_currencies') }}),

crossovers as (

    select crossed.*, studies.study_id
    from {{ ref('int_units_exposed') }} as crossed
    inner join {{ ref('int_studies') }} as studies
        on {{ same_grain('crossed', 'studies') }}
    where crossed.crossed_at is not null

),

currency_days as (

    select vendor, experience, conversion, mixed_from as changed_day
    from mixed
    union
    select vendor, experience, conversion, mixed_to as changed_day
    from mixed

),

days as (

    select study_id, pooled_study_id, conversion, first_day as changed_day
    from spans
    union
    -- Rows that end leave the family of those that go on.
    select
        study_id, pooled_study_id, conversion,
        (last_day + interval 1 day)::date as changed_day
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

),

final as (

    select
        *,
        null as variant,
        null as arm,
        0 as split_visitors,
        0 as crossover_visitors
    from days
    union all
    -- A unit that counts nowhere has crossed over all the same. A crossover is left out
    -- of the split from its day on; who crossed on the first day never was in it.
    select
        spans.study_id,
        spans.pooled_study_id,
        spans.conversion,
        crossovers.crossed_at::date as changed_day,
        crossovers.first_variant as variant,
        crossovers.first_arm as arm,
        -count(*) filter (
            where crossovers.crossed_at::date > crossovers.first_seen_at::date
        ) as split_visitors,
        count(*) as crossover_visitors
    from crossovers
    inner join spans on crossovers.study_id = spans.study_id
    group by all

)

select * from final
