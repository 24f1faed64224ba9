-- One row per grain, conversion, metric, variant, day and set of matured units: the
-- units whose window had closed when the day ended, or, on the last look, by now.
with arms as (

    select * from {{ ref('int_arm_metrics_measured_daily') }}
    where units <> 'all'

),

contrasts as (

    select
        contrasts.vendor,
        contrasts.experience,
        contrasts.audience_segment,
        contrasts.period,
        contrasts.conversion,
        contrasts.metric,
        contrasts.as_of_date,
        contrasts.variant,
        sets.units,
        {% for side, arm in [('control', 'controls'), ('variant', 'variants')] -%}
        coalesce({{ arm }}.visitors, 0) as {{ side }}_visitors,
        coalesce({{ arm }}.converters, 0) as {{ side }}_converters,
        -- Mixed currencies make no sum.
        case
            when contrasts.{{ side }}_total is not null
                then coalesce({{ arm }}.total, 0)
        end as {{ side }}_total,
        {{ arm }}.mean as {{ side }}_mean,
        case
            when controls.mean > 0 and variants.mean > 0
                then {{ arm }}.variance / {{ arm }}.visitors
                    / power({{ arm }}.mean, 2)
        end as {{ side }}_log_error{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_experience_contrasts_daily') }} as contrasts
    cross join (values ('matured'), ('matured_now')) as sets (units)
    {%- for side in ['control', 'variant'] %}
    left join arms as {{ side }}s
        on {{ same_grain('contrasts', side ~ 's') }}
        and contrasts.conversion = {{ side }}s.conversion
        and contrasts.metric = {{ side }}s.metric
        and contrasts.as_of_date = {{ side }}s.as_of_date
        and sets.units = {{ side }}s.units
        {%- if side == 'variant' %}
        and contrasts.variant = variants.variant
        {%- else %}
        and controls.arm = 'control'
        {%- endif %}
    {%- endfor %}

),

errors as (

    select
        *,
        {{ two_sided_t_quantile(welch_degrees_of_freedom(
            'control_log_error', 'control_visitors',
            'variant_log_error', 'variant_visitors'
        )) }} * nullif(
            {{ welch_standard_error('control_log_error', 'variant_log_error') }}, 0
        ) as log_distance
    from contrasts

)

select
    * exclude (control_log_error, variant_log_error, log_distance),
    {{ relative_lift('variant_mean', 'control_mean') }} as lift,
    {{ log_interval_bound('variant_mean', 'control_mean', '-log_distance') }}
        as lift_ci_lower,
    {{ log_interval_bound('variant_mean', 'control_mean', 'log_distance') }}
        as lift_ci_upper
from errors
