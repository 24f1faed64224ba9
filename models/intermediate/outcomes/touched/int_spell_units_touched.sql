-- One row per unit whose spells or conversions may have changed.
with conversions as (

    {{ by_unit(delta('int_conversions_delivered')) }}

)

select unit_id
from {{ delta('int_assignment_spells') }}
union
select unit_id
from conversions
where unit_id is not null
{%- if types_with_fallback() %}
union
select unit_id
from {{ delta('int_first_units') }}
union
select unit_id
from {{ ref('int_first_units') }}
where
    person_id in (
        select conversions.person_id
        from conversions
        where conversions.unit_id is null
    )
{%- endif %}
