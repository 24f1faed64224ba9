-- One row per conversion and message that makes it or refunds it, before its
-- distinct_by.
with matched as (

    {% for conversion in var('conversions') -%}
    select
        {{ text_literal(conversion['name']) }} as conversion,
        message_id,
        source,
        type,
        occurred_at,
        received_at,
        user_id,
        anonymous_id,
        {{ mutiny_visitor_id() }} as mutiny_visitor_id,
        {{ merging_email() }} as email,
        context,
        integrations,
        {% if conversion['refund_sql'] -%}
        coalesce(({{ conversion['refund_sql'] }}), false) as is_refund,
        -- A refund is taken negative, however it was sent.
        case
            when coalesce(({{ conversion['refund_sql'] }}), false)
                then -abs(({{ conversion['value_units_sql'] or 'null' }})::bigint)
            else ({{ conversion['value_units_sql'] or 'null' }})::bigint
        end as value_units,
        {%- else -%}
        false as is_refund,
        ({{ conversion['value_units_sql'] or 'null' }})::bigint as value_units,
        {%- endif %}
        ({{ conversion['currency_sql'] or 'null' }})::varchar as currency,
        -- An empty text is no value, and nothing collapses on it.
        nullif(({{ conversion['distinct_sql'] or 'null' }})::varchar, '')
            as distinct_value
    from {{ ref('stg_segment__messages') }}
    where is_behaviour
        and (
            ({{ conversion['trigger_sql'] }})
            {%- if conversion['refund_sql'] %}
            or ({{ conversion['refund_sql'] }})
            {%- endif %}
        )
        {%- if conversion['sources'] is not none %}
        and source in (
            {%- for source in conversion['sources'] -%}
                {{ text_literal(source) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        null::varchar as conversion,
        message_id,
        source,
        type,
        occurred_at,
        received_at,
        user_id,
        anonymous_id,
        null::varchar as mutiny_visitor_id,
        null::varchar as email,
        context,
        integrations,
        false as is_refund,
        null::bigint as value_units,
        null::varchar as currency,
        null::varchar as distinct_value
    from {{ ref('stg_segment__messages') }}
    where false
    {% endfor %}
),

placed as (

    select
        matched.*,
        {% for unit in vendor_units().values() | unique if unit != 'person' -%}
        {{ carried_unit(unit, 'matched') }} as {{ unit }}_unit,
        {% endfor -%}
        {{ person_id() }} as person_id
    from matched
    {{- person_joins('matched') }}
    {{- account_join('matched') }}

)

select
    *,
    -- One that has no value to be told by collapses on nothing.
    is_refund or row_number() over (
        partition by conversion, is_refund, {{ collapsing_value() }}
        order by {{ message_order() }}
    ) = 1 as is_first
from placed
where person_id is not null
