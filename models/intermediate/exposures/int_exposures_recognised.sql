-- One row per exposure message of a person, complete or not, whichever adapter
-- recognised it.
with recognised as (

    {% for adapter in ['mutiny', 'split', 'segment_experiment', 'triggered'] -%}
    select
        *,
        null::varchar as mutiny_visitor_id,
        null::varchar as email
    from {{ ref('int_exposures_' ~ adapter) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    recognised.message_id,
    recognised.vendor,
    recognised.experience,
    recognised.audience_segment,
    recognised.variant,
    recognised.arm,
    recognised.variation,
    recognised.is_boolean_as_string,
    recognised.incomplete_reason,
    {{ person_id() }} as person_id,
    {{ exposed_unit('recognised') }} as unit_id,
    recognised.occurred_at,
    recognised.received_at,
    {{ breakdown_fields_of('recognised') }}
    recognised.user_id,
    recognised.anonymous_id,
    recognised.source
from recognised
{{ person_joins('recognised') }}
{{- account_join('recognised') }}
-- Blocked identifiers alone make no person: such a message stands outside everything.
where {{ person_id() }} is not null
    and recognised.is_expected_source
