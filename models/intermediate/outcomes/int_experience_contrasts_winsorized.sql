-- One row per grain, conversion, metric and personalized variant with units in both
-- arms: mean and variance of their capped totals. Empty unless a percentile is set.
{%- set percentile = var('statistics', {}).get('winsorize') %}
{%- set contrast = [
    'vendor', 'experience', 'audience_segment', 'period', 'conversion', 'metric',
] %}
with units as (

    select *
    from {{ ref('int_unit_outcomes') }}
    where is_last and end_day is null and {{ percentile is not none }}

),

totals as (

    select
        vendor, experience, audience_segment, period, conversion, arm, variant,
        'conversions_per_visitor' as metric,
        1 as unit_scale,
        conversions as total
    from units
    union all
    select
        units.vendor, units.experience, units.audience_segment, units.period,
        units.conversion, units.arm, units.variant,
        'value_per_visitor' as metric,
        10000 as unit_scale,
        units.value_units as total
    from units
    left join {{ ref('int_currencies_mixed') }} as mixed
        on units.vendor = mixed.vendor
        and units.experience = mixed.experience
        and units.conversion = mixed.conversion
        and mixed.mixed_to is null
    -- A sum over two currencies is no figure.
    where mixed.vendor is null

),

variants as (

    select distinct {{ contrast | join(', ') }}, variant
    from totals
    where arm = 'personalized'

),

-- Control stands in the contrast of each variant, and has another cap in each.
contrasted as (

    select {{ all_columns_but(['variant'], 'totals') }}, variants.variant
    from totals
    inner join variants
        on {{ same_grain('totals', 'variants', contrast) }}
        and (totals.arm = 'control' or totals.variant = variants.variant)

),

caps as (

    -- Zeros are of the many who did nothing: with them, the percentile of what few do
    -- would be zero.
    select
        {{ contrast | join(', ') }}, variant,
        percentile_disc({{ percentile or 1 }}) within group (
            order by nullif(total, 0)
        ) as cap
    from contrasted
    group by all

),

capped as (

    select contrasted.*, caps.cap, least(contrasted.total, caps.cap) as capped_total
    from contrasted
    inner join caps
        on {{ same_grain('contrasted', 'caps', contrast) }}
        and contrasted.variant = caps.variant
    -- Where most totals are refunds, the percentile says nothing about large ones.
    where caps.cap > 0

),

summed as (

    select
        {{ contrast | join(', ') }}, variant,
        {% for side, arm in [('control', 'control'), ('variant', 'personalized')] -%}
        count(*) filter (where arm = '{{ arm }}') as {{ side }}_visitors,
        sum(capped_total) filter (where arm = '{{ arm }}') as {{ side }}_sum,
        sum(capped_total * capped_total) filter (where arm = '{{ arm }}')
            as {{ side }}_squares,
        {% endfor -%}
        unit_scale,
        cap
    from capped
    group by all

)

select
    {{ contrast | join(', ') }}, variant,
    {% for side in ['control', 'variant'] -%}
    {{ side }}_visitors,
    cast({{ side }}_sum as double) / {{ side }}_visitors / unit_scale
        as {{ side }}_mean,
    {{ sample_variance(side ~ '_visitors', side ~ '_sum', side ~ '_squares') }}
    / power(unit_scale, 2) as {{ side }}_variance,
    {% endfor -%}
    {{ mean_difference(
        'variant_sum', 'variant_visitors', 'control_sum', 'control_visitors'
    ) }} / unit_scale as difference,
    cast(cap as double) / unit_scale as cap
from summed
where control_visitors > 0
