{{ config(post_hook='{{ comments_on_breakdowns() }}') }}
-- One row per experience, audience segment (with (all)), period, variant, cohort day,
-- breakdown values and conversion, with sums over its units: any breakdown, and any of
-- them together, is a GROUP BY.
select
    vendor,
    experience,
    audience_segment,
    period,
    variant,
    arm,
    cohort_day,
    conversion,
    {%- for breakdown in var('breakdowns') %}
    {{ breakdown['column'] }},
    {%- endfor %}
    visitors,
    {{ cube_sums() }}
from {{ ref('int_experience_cells') }}
