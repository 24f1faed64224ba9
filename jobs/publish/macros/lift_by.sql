-- Each metric is a ratio of two sums over units, y and w; yy, ww and yw are those of their squares
-- and their product (delta method).
create or replace macro lift_by(
    breakdown := '(all)', condition := true, metric := 'conversion_rate', alpha := 0.05,
    min_visitors := 100, min_converters := 25
) as table
with cells as (
    select
        *,
        case
            when breakdown::varchar = '(all)' then breakdown
            -- The alias of a column is its name; that of a constant is how it is written.
            when not regexp_matches(alias(breakdown), '^(CAST\()?[''0-9]') then breakdown
            when breakdown::varchar in (
                select configured.breakdown from rpt_lift_by_breakdown as configured
            ) then cast_to_type(
                to_json(fct_experience_cube) ->> ('/' || breakdown::varchar), breakdown
            )
            else error(
                '''' || breakdown::varchar || ''' is not a breakdown; '
                || coalesce(
                    (
                        select
                            'available: ' || string_agg(
                                distinct configured.breakdown, ', ' order by configured.breakdown
                            )
                        from rpt_lift_by_breakdown as configured
                    ),
                    'none is configured'
                )
                || '. Add others to breakdowns: in lift.yml.'
            )
        end as value
    from fct_experience_cube
    where condition
),
chosen as (
    select
        vendor, experience, audience_segment, period, conversion, variant, arm, value,
        sum(visitors)::bigint as n, sum(converters) as converters,
        sum(conversions) as conversions, sum(conversions_sum_squares) as conversions_sum_squares,
        sum(value_sum) as value_sum, sum(value_sum_squares) as value_sum_squares,
        sum(valued_conversions) as valued_conversions,
        sum(valued_conversions_sum_squares) as valued_conversions_sum_squares,
        sum(value_valued_conversions_sum) as value_valued_conversions_sum
    from cells
    group by all
),
metrics as (
    select
        *,
        case metric
            when 'conversion_rate' then converters::double
            when 'conversions_per_visitor' then conversions::double
            when 'value_per_visitor' then value_sum::double
            when 'value_per_conversion' then value_sum::double
            else error(
                '''' || metric || ''' is not a metric: write conversion_rate,'
                || ' conversions_per_visitor, value_per_visitor or value_per_conversion.'
            )
        end as y,
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
        sum(n)::bigint as n, sum(converters)::bigint as converters, sum(y) as y, sum(yy) as yy, sum(w) as w, sum(ww) as ww,
        sum(yw) as yw
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
        -- An arm of one unit has no variance, whatever the minimum.
        least(controls.n, variants.n) < greatest(min_visitors, 2)
        or controls.converters + variants.converters < min_converters as is_small,
        (variants.mean - controls.mean) / nullif(abs(controls.mean), 0) as lift,
        case
            when not (alpha > 0 and alpha < 1)
                then error('alpha must lie between 0 and 1; ' || alpha || ' does not.')
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
    * exclude (is_small, distance),
    variant_mean / control_mean * exp(-nullif(distance, 0)) - 1 as lift_ci_lower,
    variant_mean / control_mean * exp(nullif(distance, 0)) - 1 as lift_ci_upper,
    is_small
from pairs
order by all;

comment on macro table lift_by is
'One row per vendor, experience, audience segment, period, conversion, variant and value of a breakdown: its lift. The breakdown is an expression over the columns of fct_experience_cube, or the name of one of lift.yml as text; the interval is that of fct_experience_lift with the normal quantile in the place of Student''s t. A value with fewer than min_visitors in an arm, or fewer than min_converters in both, is_small: too few to conclude from.';
