-- One row per identifier combination of which messages came, went or say something
-- else, or may belong to another person.
with owners_changed as (

    select
        id_type,
        id_value
    from {{ delta('int_identifier_owners') }}
    group by all

)

select combination_key from {{ ref('int_affected_combinations') }}
union
select combination_key
from {{ ref('int_message_identifiers') }}
where file_id in (select files.file_id from {{ ref('int_affected_files') }} as files)
{% for column, id_type in [
    ('user_id', 'user_id'),
    ('anonymous_id', 'anonymous_id'),
    ('mutiny_visitor_id', 'mutiny_visitor_id'),
    ('email', 'email'),
    ('previous_id', 'user_id'),
    ('previous_id', 'anonymous_id'),
] -%}
union
select combination_key
from {{ ref('int_identifier_combinations') }}
where {{ column }} in (
        select owners_changed.id_value
        from owners_changed
        where owners_changed.id_type = '{{ id_type }}'
    )
{% endfor %}
