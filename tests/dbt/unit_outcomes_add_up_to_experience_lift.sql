-- The sums over the counted units of an arm are the figures of fct_experience_lift, to
-- the last digit: whoever counts the units finds what is published.
{% set populations = {'': 'true', 'matured_': 'is_matured'} %}
with arms as (

    -- Control is one arm, whatever its variants.
    select
        vendor, experience, audience_segment, period, conversion, arm,
        case when arm = 'personalized' then variant end as variant,
        {% for prefix, condition in populations.items() -%}
        count(*) filter (where {{ condition }}) as {{ prefix }}visitors,
        count(*) filter (where {{ condition }} and is_converted)
            as {{ prefix }}converters,
        coalesce(sum(conversions) filter (where {{ condition }}), 0)
            as {{ prefix }}conversions,
        sum(value) filter (where {{ condition }}) as {{ prefix }}value
        {{- ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_unit_outcomes') }}
    where is_counted
    group by all

),

metrics as (

    select configured.conversion, known.metric
    from {{ ref('int_conversions_configured') }} as configured
    inner join (
        values
        ('conversion_rate', false),
        ('conversions_per_visitor', false),
        ('value_per_visitor', true),
        ('value_per_conversion', true)
    ) as known (metric, needs_value)
        on configured.has_value or not known.needs_value

),

counted as (

    select
        arms.vendor, arms.experience, arms.audience_segment, arms.period,
        arms.conversion, metrics.metric, arms.arm, arms.variant,
        {% for prefix in populations -%}
        arms.{{ prefix }}visitors,
        arms.{{ prefix }}converters,
        case
            when metrics.metric = 'conversion_rate' then arms.{{ prefix }}converters
            when metrics.metric = 'conversions_per_visitor'
                then arms.{{ prefix }}conversions
            -- Of no matured unit the value is zero, over two currencies it is none.
            when arms.value is not null
                then {{ exact('coalesce(arms.' ~ prefix ~ 'value, 0) * 10000') }}
                / 10000
        end::double as {{ prefix }}total{{ ',' if not loop.last }}
        {% endfor %}
    from arms
    inner join metrics on arms.conversion = metrics.conversion

),

published as (

    {% for side, arm in {'control': 'control', 'variant': 'personalized'}.items() -%}
    select
        vendor, experience, audience_segment, period, conversion, metric,
        '{{ arm }}' as arm,
        {{ 'variant' if side == 'variant' else 'null' }} as variant,
        {% for prefix in populations -%}
        {{ prefix }}{{ side }}_visitors as {{ prefix }}visitors,
        {{ prefix }}{{ side }}_converters as {{ prefix }}converters,
        {{ prefix }}{{ side }}_total as {{ prefix }}total{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_experience_lift') }}
    where {{ side }}_visitors > 0
    {{ 'union' if not loop.last }}
    {% endfor %}
)

(select *, 'fct_unit_outcomes' as found_in from counted
except
select *, 'fct_unit_outcomes' as found_in from published)
union all
(select *, 'fct_experience_lift' as found_in from published
except
select *, 'fct_experience_lift' as found_in from counted)
