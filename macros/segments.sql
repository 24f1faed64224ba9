{# The predicates of `segments` of these kinds, each with its number. #}
{% macro segment_predicates(kinds) -%}
    {%- set found = [] -%}
    {%- for predicate in var('segments')['predicates'] -%}
        {%- if predicate['kind'] in kinds -%}
            {%- do found.append(dict(predicate, number=loop.index0)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Those that ask for messages of a trigger. #}
{% macro event_predicates() -%}
    {{ return(segment_predicates(['event'])) }}
{%- endmacro %}

{#
    The spells in which what an event predicate counts is there: each message for as long
    as the predicate says, or ever; of the first or the last message with a value, the
    spell of that value, if it is one that is asked for.
#}
{% macro event_spells(matches, predicate) -%}
    {%- set forgotten_at = seconds_after('occurred_at', predicate['within_seconds'])
        if predicate['within_seconds'] else 'null::timestamp' -%}
    {%- if predicate['measure'] in ['first', 'last'] -%}
    select
        person_id,
        predicate,
        occurred_at as held_from,
        held_to,
        1 as amount
    from (
        select
            *,
            {%- if predicate['measure'] == 'last' %}
            least({{ forgotten_at }}, lead(occurred_at) over in_order) as held_to,
            1 as place
            {%- else %}
            {{ forgotten_at }} as held_to,
            row_number() over in_order as place
            {%- endif %}
        from {{ matches }}
        where predicate = {{ predicate['number'] }} and value is not null
        window in_order as (
            partition by person_id order by occurred_at, received_at, message_id
        )
    ) as placed
    where place = 1 and ({{ predicate['condition_sql'] }})
        and (held_to is null or occurred_at < held_to)
    {%- else -%}
    select
        person_id,
        predicate,
        occurred_at as held_from,
        {{ forgotten_at }} as held_to,
        {{ 'value::bigint' if predicate['measure'] == 'sum' else '1' }} as amount
    from {{ matches }}
    where predicate = {{ predicate['number'] }}
        {%- if predicate['measure'] == 'sum' %} and value is not null{% endif %}
    {%- endif -%}
{%- endmacro %}

{# Whether the total of a predicate is what it asks for. #}
{% macro is_reached(column) -%}
    {%- set conditions = {} -%}
    {%- for predicate in event_predicates() if predicate['measure'] in ['count', 'sum'] -%}
        {%- do conditions.update({predicate['number']: predicate['condition_sql']}) -%}
    {%- endfor -%}
    {{ by_number(column, conditions, 'true') }}
{%- endmacro %}

{# What a predicate about a trait or an audience was, change by change. #}
{% macro state_changes(predicate) -%}
    {%- if predicate['kind'] == 'trait' -%}
    select
        person_id,
        {{ predicate['number'] }} as predicate,
        changed_at as turned_at,
        received_at,
        message_id,
        coalesce({{ predicate['condition_sql'] }}, false) as is_met
    from {{ ref('int_trait_changes') }}
    where trait = {{ text_literal(predicate['name']) }}
    {%- else -%}
    select
        person_id,
        {{ predicate['number'] }} as predicate,
        changed_at as turned_at,
        received_at,
        message_id,
        is_member as is_met
    from {{ ref('int_audience_changes') }}
    where audience = {{ text_literal(predicate['name']) }}
    {%- endif -%}
{%- endmacro %}

{# The bit of each predicate in the number of its chunk, and that chunk. #}
{% macro predicate_bit(column) -%}
    {%- set bits = {} -%}
    {%- for predicate in var('segments')['predicates'] -%}
        {%- do bits.update({loop.index0: 2 ** predicate['bit']}) -%}
    {%- endfor -%}
    {{ by_number(column, bits, 'null') }}::bigint
{%- endmacro %}

{% macro predicate_chunk(column) -%}
    {%- set chunks = {} -%}
    {%- for predicate in var('segments')['predicates'] -%}
        {%- do chunks.update({loop.index0: predicate['chunk']}) -%}
    {%- endfor -%}
    {{ by_number(column, chunks, 'null') }}::integer
{%- endmacro %}
