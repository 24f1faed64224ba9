-- One row per unit whose spells or conversions may have changed.
{%- set by_person = vendors_with_fallback() %}
select unit_id
from {{ changes('int_assignment_spells') }}
union
select unit_id
from {{ changes('int_conversions_delivered') }}
where unit_id is not null
{%- if by_person %}
union
select unit_id
from {{ changes('int_first_units') }}
union
select unit_id
from {{ ref('int_first_units') }}
where
    person_id in (
        select conversions.person_id
        from {{ changes('int_conversions_delivered') }} as conversions
        where conversions.unit_id is null
    )
{%- endif %}
