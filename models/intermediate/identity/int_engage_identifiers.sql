{{ config(materialized='incremental', unique_key='identifier_key', delta=true) }}
-- One row per identifier that only Engage names: a person row without a first or last
-- seen.
with written as (

    {% for column in ['user_id', 'email', 'anonymous_id', 'mutiny_visitor_id'] -%}
    select
        combination_key,
        {{ loop.index }} as place,
        '{{ column }}' as id_type,
        {{ usable_identifier(column) }} as id_value
    from {{ ref('int_identifier_combinations') }}
    where is_engage and {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

keyed as (

    select
        *,
        {{ identifier_key('id_type', 'id_value') }} as identifier_key
    from written
    where id_value is not null

),

-- The first of a set that may identify names the person; a hub is passed over.
chosen as (

    select
        keyed.*,
        seen.identifier_key is not null as is_seen
    from keyed
    left join {{ ref('int_identifiers') }} as seen
        on keyed.identifier_key = seen.identifier_key
    where seen.is_hub is distinct from true
    qualify
        row_number() over (
            partition by keyed.combination_key order by keyed.place
        ) = 1

)

select
    identifier_key,
    id_type,
    id_value
from chosen
where not is_seen
group by all
