{{ config(
    materialized='incremental',
    unique_key=['vendor', 'experience', 'variant'],
    delta=true,
) }}
-- One row per experience and variant with its one arm: control if any of its views says
-- so, whatever the others say.
select
    vendor,
    experience,
    variant,
    -- Of the two texts control is the smaller.
    min(sent_arm) as arm
from {{ ref('int_resolved_exposures') }}
where incomplete_reason is null
group by all
