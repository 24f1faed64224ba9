-- One row per grain and counted unit with the values that lift is broken down by, as of
-- its first exposure.
{%- set texts = text_breakdowns() %}
with units as (

    select *
    from {{ ref('int_assignment_intervals') }}
    where is_last and (end_day is null or first_day < end_day)

),

{% for breakdown in texts if breakdown['trait'] -%}
traits_{{ loop.index }} as (

    select
        units.vendor, units.experience, units.audience_segment, units.period,
        units.unit_id,
        -- A removal is a change as well: null in a struct is not passed over.
        arg_max(struct_pack(value := changes.value), struct_pack(
            changed_at := changes.changed_at,
            received_at := changes.received_at,
            message_id := changes.message_id
        )) as latest
    from units
    inner join {{ ref('int_trait_changes') }} as changes
        on units.counted_person_id = changes.person_id
        and changes.trait = {{ text_literal(breakdown['trait'][0]) }}
        and changes.changed_at <= units.counted_from
    group by all

),

{% endfor -%}
{% set place = namespace(of_trait=0) -%}
valued as (

    select
        {% for breakdown in var('breakdowns') -%}
        {% if breakdown['segment'] -%}
        exists (
            select 1
            from {{ ref('int_assignment_segments') }} as segments
            where {{ same_grain('units', 'segments') }}
                and units.unit_id = segments.unit_id
                and segments.user_segment = {{ text_literal(breakdown['segment']) }}
        )
        {%- elif breakdown['trait'] -%}
        {%- set place.of_trait = place.of_trait + 1 -%}
        {{ json_member_text(
            'traits_' ~ place.of_trait ~ '.latest.value', breakdown['trait'][1:]
        ) }}
        {%- elif breakdown['path_sql'] -%}
        fields.{{ field_column(breakdown) }}
        {%- else -%}
        case
            when activity.first_seen_at::date = units.counted_from::date then 'new'
            else 'returning'
        end
        {%- endif %} as {{ breakdown['column'] }},
        {% endfor -%}
        units.vendor,
        units.experience,
        units.audience_segment,
        units.period,
        units.unit_id
    from units
    left join {{ ref('int_person_activity') }} as activity
        on units.counted_person_id = activity.person_id
    {%- for breakdown in texts if breakdown['trait'] %}
    left join traits_{{ loop.index }}
        on {{ same_grain('units', 'traits_' ~ loop.index) }}
        and units.unit_id = traits_{{ loop.index }}.unit_id
    {%- endfor %}
    left join {{ ref('int_unit_fields') }} as fields
        on {{ same_grain('units', 'fields') }}
        and units.unit_id = fields.unit_id

)
{%- for breakdown in texts %},

top_{{ loop.index }} as (

    select vendor, experience, {{ breakdown['column'] }} as value
    from valued
    where audience_segment = '(all)' and {{ breakdown['column'] }} is not null
    group by vendor, experience, {{ breakdown['column'] }}
    qualify
        row_number() over (
            partition by vendor, experience order by count(*) desc, value
        ) <= {{ var('top_values', 20) }}

)
{%- endfor %}

select
    {% set place = namespace(of_text=0) -%}
    {% for breakdown in var('breakdowns') -%}
    {% if breakdown['segment'] -%}
    valued.{{ breakdown['column'] }}
    {%- else -%}
    {%- set place.of_text = place.of_text + 1 -%}
    case
        when valued.{{ breakdown['column'] }} is null then '(none)'
        else coalesce(top_{{ place.of_text }}.value, '(other)')
    end as {{ breakdown['column'] }}
    {%- endif %},
    {% endfor -%}
    valued.vendor,
    valued.experience,
    valued.audience_segment,
    valued.period,
    valued.unit_id
from valued
{%- for breakdown in texts %}
left join top_{{ loop.index }}
    on valued.vendor = top_{{ loop.index }}.vendor
    and valued.experience = top_{{ loop.index }}.experience
    and valued.{{ breakdown['column'] }} = top_{{ loop.index }}.value
{%- endfor %}
