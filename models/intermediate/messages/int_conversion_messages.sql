{{ config(
    materialized='incremental',
    unique_key='file_id',
    affected='int_affected_files',
    delta=true,
) }}
-- One row per conversion and message that makes it or refunds it.
with matched as (

    {% for conversion in var('conversions') -%}
    select
        {{ text_literal(conversion['name']) }} as conversion,
        file_id,
        message_id,
        source,
        type,
        {{ event_or_page_name('messages') }} as event_name,
        occurred_at,
        received_at,
        context,
        integrations,
        md5({{ json_comparable('properties', "'OBJECT'") }})::uuid as properties_key,
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
        ({{ conversion.get('value_kind_sql') or 'null' }})::varchar as value_kind,
        -- usd and " USD" are one currency, an empty text is none.
        nullif(
            upper({{ normalised('(' ~ (conversion['currency_sql'] or 'null') ~ ')::varchar') }}), ''
        ) as currency,
        -- An empty text is no value, and nothing collapses on it.
        nullif(({{ conversion['distinct_sql'] or 'null' }})::varchar, '')
            as distinct_value
    from {{ ref('stg_segment__messages') }} as messages
    where is_behaviour
        {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
        {% endif %}
        and (
            ({{ conversion['trigger_sql'] }})
            {%- if conversion['refund_sql'] %}
            or ({{ conversion['refund_sql'] }})
            {%- endif %}
        )
        {%- if conversion['sources'] is not none %}
        and source in ({{ text_literals(conversion['sources']) }})
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        null::varchar as conversion,
        file_id,
        message_id,
        source,
        type,
        event_name,
        occurred_at,
        received_at,
        context,
        integrations,
        null::uuid as properties_key,
        false as is_refund,
        null::bigint as value_units,
        null::varchar as value_kind,
        null::varchar as currency,
        null::varchar as distinct_value
    from {{ ref('stg_segment__messages') }}
    where false
    {% endfor %}
)

select
    * exclude (value_kind),
    -- What stands where the value should, and is not read as one.
    case
        when value_units is not null or coalesce(value_kind, 'NULL') = 'NULL' then null
        when {{ json_type_name('value_kind') }} = 'number' then 'value_out_of_range'
        else 'value_not_a_number'
    end as value_problem,
    -- What collapses into one conversion: of one value; without one, a message alone.
    md5(to_json([
        conversion, is_refund::varchar, {{ collapsing_value() }}
    ])::varchar)::uuid as distinct_key
from matched
