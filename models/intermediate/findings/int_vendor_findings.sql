-- One row per finding about the totals that a vendor reports.
with

steps as (

    select * from {{ ref('int_bridge_steps') }}
    where step in ('vendor_reported', 'vendor_rules')

),

-- A vendor knows no periods: both steps are the same in each.
figures as (

    select
        steps.vendor,
        steps.experience,
        steps.audience_segment,
        steps.conversion,
        steps.arm,
        known.figure,
        min(case known.figure
            when 'visitors' then steps.visitors * 10000
            when 'converters' then steps.converters * 10000
            else steps.value_units
        end) filter (where steps.step = 'vendor_reported') as reported_units,
        min(case known.figure
            when 'visitors' then steps.visitors * 10000
            when 'converters' then steps.converters * 10000
            else steps.value_units
        end) filter (where steps.step = 'vendor_rules') as found_units
    from steps
    cross join (values ('visitors'), ('converters'), ('value')) as known (figure)
    group by all

)

select
    'vendor_gap' as check_name,
    'warning' as severity,
    {{ experience_subject('figures') }} as subject,
    figures.conversion || ', ' || figures.arm || ': ' || figures.vendor || ' reports '
    || round({{ exact_decimal('figures.reported_units', 4) }}, 2) || ' '
    || figures.figure || ', and its rules give '
    || round({{ exact_decimal('figures.found_units', 4) }}, 2) as detail,
    1 as finding_count
from figures
-- More than two percent of what is reported.
where abs(figures.reported_units - figures.found_units) * 50
    > abs(figures.reported_units)
