{#
    The order of messages wherever one is needed: when it happened, when it arrived, its
    id. As a value it can be aggregated with min and max and compared.
#}
{% macro message_order(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    struct_pack(
        occurred_at := {{ prefix }}occurred_at,
        received_at := {{ prefix }}received_at,
        message_id := {{ prefix }}message_id
    )
{%- endmacro %}

{#
    The smallest step of a timestamp: an interval ends one step after what it includes.
    Null, which is an open end, after the last instant that a time can have.
#}
{% macro next_instant(timestamp) -%}
    case
        when {{ timestamp }} < timestamp '9999-12-31 23:59:59.999999'
            then {{ timestamp }} + interval 1 microsecond
    end
{%- endmacro %}
