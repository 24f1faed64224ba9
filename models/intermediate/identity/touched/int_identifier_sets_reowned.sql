-- One row per set of identifiers whose messages may belong to another person.
with owners_changed as (

    select
        id_type,
        id_value
    from {{ delta('int_identifier_owners') }}
    group by all

)
{% for column in ['user_id', 'anonymous_id', 'mutiny_visitor_id', 'email'] %}
select set_key
from {{ ref('int_identifier_sets') }}
where {{ column }} in (
        select owners_changed.id_value
        from owners_changed
        where owners_changed.id_type = '{{ column }}'
    )
{{ 'union' if not loop.last }}
{%- endfor %}
