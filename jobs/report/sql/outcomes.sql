-- What became of each conversion of a vendor in each of its experiences: that of the
-- experience where its unit saw it, else that of the vendor. Each is counted once per unit type.
with outcomes as (
    select * from fct_conversion_outcomes
),

vendor_outcomes as (
    select * from outcomes where experience = '(none)'
),

study_outcomes as (
    select * from outcomes where experience <> '(none)' and audience_segment = '(all)'
),

study_units as (
    select distinct vendor, experience, period, unit_type
    from fct_assignments
    where audience_segment = '(all)'
),

vendor_counts as (
    select vendor, unit_type, conversion, outcome, count(*) as conversions
    from vendor_outcomes
    group by all
),

counts as (
    -- All of the vendor's,
    select
        study_units.vendor, study_units.experience, study_units.period,
        study_units.unit_type,
        vendor_counts.conversion, vendor_counts.outcome, vendor_counts.conversions
    from study_units
    inner join vendor_counts
        on study_units.vendor = vendor_counts.vendor
        and study_units.unit_type = vendor_counts.unit_type
    union all
    -- less those of which the experience has an outcome of its own,
    select
        study_outcomes.vendor, study_outcomes.experience, study_outcomes.period,
        study_outcomes.unit_type,
        study_outcomes.conversion, vendor_outcomes.outcome, -count(*) as conversions
    from study_outcomes
    inner join vendor_outcomes
        on study_outcomes.vendor = vendor_outcomes.vendor
        and study_outcomes.conversion = vendor_outcomes.conversion
        and study_outcomes.message_id = vendor_outcomes.message_id
        and study_outcomes.unit_type = vendor_outcomes.unit_type
    group by all
    union all
    -- and that outcome.
    select vendor, experience, period, unit_type, conversion, outcome, count(*) as conversions
    from study_outcomes
    group by all
)

select
    vendor,
    experience,
    period,
    conversion,
    unit_type,
    outcome,
    sum(conversions)::bigint as conversions
from counts
group by all
having sum(conversions) <> 0
order by all
