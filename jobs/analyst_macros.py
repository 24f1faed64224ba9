"""Macros of the published file: what analysts call there, in plain SQL."""

PERSON_AT = """
create macro person_at(id_type, id_value, moment) as table
select identifiers.person_id, identifiers.owned_from, identifiers.owned_to
from dim_identifiers as identifiers
where identifiers.id_type = id_type
    and identifiers.id_value = id_value
    and (identifiers.owned_from is null or identifiers.owned_from <= moment)
    and (identifiers.owned_to is null or moment < identifiers.owned_to)
"""
"""The as-of lookup: to which person did this identifier belong then?"""

NORMAL_QUANTILE = """
create macro normal_quantile(p) as (
    with arguments as (
        select p - 0.5 as q, sqrt(-ln(least(p, 1 - p))) as r
    )
    select case
        when not (p > 0 and p < 1) then null
        when abs(q) <= 0.425 then q * (
            ((59.10937472 * s + 159.29113202) * s + 50.434271938) * s + 3.3871327179
        ) / (((67.1875636 * s + 78.757757664) * s + 17.895169469) * s + 1)
        when r <= 5 then sign(q) * (
            ((0.17023821103 * (r - 1.6) + 1.3067284816) * (r - 1.6) + 2.75681539) * (r - 1.6)
            + 1.4234372777
        ) / ((0.12021132975 * (r - 1.6) + 0.7370016425) * (r - 1.6) + 1)
        else sign(q) * (
            ((0.017337203997 * (r - 5) + 0.42868294337) * (r - 5) + 3.081226386) * (r - 5)
            + 6.657905115
        ) / ((0.012258202635 * (r - 5) + 0.24197894225) * (r - 5) + 1)
    end
    from (select *, 0.180625 - q * q as s from arguments)
)
"""
"""Quantile of the standard normal, PPND7 of Wichura 1988 (Applied Statistics 37, AS 241).

Seven digits; NULL unless 0 < p < 1.
"""

LIFT_BY = """
create macro lift_by(
    breakdown := 'everybody', condition := true, metric := 'conversion_rate', alpha := 0.05
) as table
with chosen as (
    select
        vendor, experience, audience_segment, period, conversion, variant, arm, breakdown as value,
        sum(visitors) as n, sum(converters) as converters, sum(conversions) as conversions,
        sum(conversions_sum_squares) as conversions_sum_squares, sum(value_sum) as value_sum,
        sum(value_sum_squares) as value_sum_squares, sum(valued_conversions) as valued_conversions,
        sum(valued_conversions_sum_squares) as valued_conversions_sum_squares,
        sum(value_valued_conversions_sum) as value_valued_conversions_sum
    from fct_experience_cube
    where condition
    group by all
),
metrics as (
    select
        * exclude (arm),
        arm,
        case metric
            when 'conversion_rate' then converters
            when 'conversions_per_visitor' then conversions
            when 'value_per_visitor' then value_sum
            when 'value_per_conversion' then value_sum
        end::double as y,
        case metric
            when 'conversion_rate' then converters
            when 'conversions_per_visitor' then conversions_sum_squares
            else value_sum_squares
        end::double as yy,
        case when metric = 'value_per_conversion' then valued_conversions else n end::double as w,
        case
            when metric = 'value_per_conversion' then valued_conversions_sum_squares else n
        end::double as ww,
        case metric
            when 'conversion_rate' then converters
            when 'conversions_per_visitor' then conversions
            when 'value_per_visitor' then value_sum
            else value_valued_conversions_sum
        end::double as yw
    from chosen
),
pooled as (
    select
        vendor, experience, audience_segment, period, conversion, value, arm,
        case when arm = 'personalized' then variant end as variant,
        sum(n) as n, sum(y) as y, sum(yy) as yy, sum(w) as w, sum(ww) as ww, sum(yw) as yw
    from metrics
    group by all
),
arms as (
    select
        *,
        y / nullif(w, 0) as mean,
        (yy - 2 * mean * yw + mean * mean * ww) / nullif(n - 1, 0) * power(n / nullif(w, 0), 2)
        / n as squared_error
    from pooled
),
pairs as (
    select
        variants.vendor, variants.experience, variants.audience_segment, variants.period,
        variants.conversion, metric as metric, variants.value, variants.variant,
        controls.n as control_visitors, controls.mean as control_mean,
        variants.n as variant_visitors, variants.mean as variant_mean,
        (variants.mean - controls.mean) / nullif(abs(controls.mean), 0) as lift,
        case
            when variants.mean > 0 and controls.mean > 0 then normal_quantile(1 - alpha / 2) * sqrt(
                variants.squared_error / power(variants.mean, 2)
                + controls.squared_error / power(controls.mean, 2)
            )
        end as distance
    from arms as variants
    inner join arms as controls
        on controls.arm = 'control' and variants.arm = 'personalized'
        and controls.vendor = variants.vendor and controls.experience = variants.experience
        and controls.audience_segment = variants.audience_segment
        and controls.period is not distinct from variants.period
        and controls.conversion = variants.conversion
        and controls.value is not distinct from variants.value
)
select
    * exclude (distance),
    variant_mean / control_mean * exp(-nullif(distance, 0)) - 1 as lift_ci_lower,
    variant_mean / control_mean * exp(nullif(distance, 0)) - 1 as lift_ci_upper
from pairs
order by all
"""
"""Lift of any breakdown of the cube: `from lift_by(context_device_type, condition := segment_vip)`.

A row for each experience, segment, period, conversion, variant and value of `breakdown` (any
expression over the cube's columns, a struct of several among them). The interval is that of
`fct_experience_lift` with the normal quantile in the place of Student's t.
"""

MACROS = (PERSON_AT, NORMAL_QUANTILE, LIFT_BY)
