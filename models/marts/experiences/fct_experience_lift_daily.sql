-- One row per grain, conversion, metric, variant and day, as of the end of that day.
with judged as (

    select judged.*
    from {{ ref('int_experience_lifts_judged_daily') }} as judged
    inner join {{ ref('int_experience_spans') }} as spans
        on {{ same_grain('judged', 'spans') }}
        and judged.conversion = spans.conversion
    -- What came after the last day is in the last look only.
    where judged.as_of_date <= spans.last_day

),

adjusted as (

    {{ adjusted_p_values(
        'judged', ['vendor', 'experience', 'period', 'as_of_date']
    ) | indent }}

)

select
    {{- lift_columns('matured') }}
from adjusted
