-- One row per set of identifiers whose messages, or whom they belong to, may have
-- changed.
with owners_changed as (

    select
        id_type,
        id_value
    from {{ changes('int_identifier_owners') }}
    group by all

)

select set_key
from {{ changes('int_histories_seen') }}
{%- for column in ['user_id', 'anonymous_id', 'mutiny_visitor_id', 'email'] %}
union
select set_key
from {{ ref('int_identifier_sets') }}
where {{ column }} in (
        select owners_changed.id_value
        from owners_changed
        where owners_changed.id_type = '{{ column }}'
    )
{%- endfor %}
