{# The entries of `exposures:`, each with the number of its place in lift.yml. #}
{% macro numbered_entries() -%}
    {%- set numbered = [] -%}
    {%- for entry in var('exposures') -%}
        {%- do numbered.append(dict(entry, number=loop.index0)) -%}
    {%- endfor -%}
    {{ return(numbered) }}
{%- endmacro %}

{#
    The entries that compete for a message: of one vendor and one type of unit, where one of
    these adapters is among them.
#}
{% macro competing_entries(adapters) -%}
    {%- set groups = {} -%}
    {%- for entry in numbered_entries() -%}
        {%- set key = (entry['vendor'], (entry.get('unit') or 'person')) -%}
        {%- do groups.setdefault(key, []).append(entry) -%}
    {%- endfor -%}
    {%- set served = [] -%}
    {%- for entries in groups.values()
        if entries | selectattr('adapter', 'in', adapters) | list -%}
        {%- do served.append(entries) -%}
    {%- endfor -%}
    {{ return(served) }}
{%- endmacro %}

{#
    Whether Split served a treatment: its own treatment `control` says that the SDK was not
    ready, and a source may be one of another environment.
#}
{% macro is_served(treatment, environment) -%}
    {{ treatment }} is distinct from 'control'
    {%- for key, source in var('sources').items() if source.get('environment') %}
    and not coalesce(
        source = {{ text_literal(key) }}
        and {{ environment }} <> {{ text_literal(source['environment']) }},
        false
    )
    {%- endfor -%}
{%- endmacro %}

{# What makes a message one of an entry's: of a built-in adapter, its event. #}
{% macro entry_trigger(entry) -%}
    {%- set events = {
        'mutiny': 'Mutiny Experience Viewed',
        'split': 'get_treatment',
        'segment_experiment': 'Experiment Viewed',
    } -%}
    {%- if entry['adapter'] in events -%}
        type = 'track' and event_name = '{{ events[entry['adapter']] }}'
    {%- else -%}
        {{ entry['trigger_sql'] }}
    {%- endif -%}
{%- endmacro %}

{#
    The messages of a relation that entries of these adapters take for views, with the
    vendor, the entry and the type of unit. Of the entries of one vendor the first that
    matches counts: by its trigger and its sources here, by its unit once it is known who
    sent the message (int_exposures_recognised). A message that only the sources rule out
    is kept, unexpected, for the finding.
#}
{% macro views_by_entry(relation, adapters) -%}
    {% for entries in competing_entries(adapters) -%}
    {%- set own, triggers, takes, sources = [], [], [], {} -%}
    {%- for entry in entries -%}
        {%- set trigger = '(' ~ entry_trigger(entry) ~ ')' -%}
        {%- do sources.update({entry['number']: is_expected_source(entry)}) -%}
        {%- if entry['adapter'] in adapters -%}
            {%- do own.append(entry['number']) -%}
            {%- do triggers.append(trigger) -%}
        {%- endif -%}
        {%- if entry['adapter'] == 'split' -%}
            {%- set trigger = trigger ~ ' and ' ~ is_served(
                first_property(['treatment']), first_property(['environmentName'])
            ) -%}
        {%- endif -%}
        {%- do takes.append({'number': entry['number'], 'trigger': trigger}) -%}
    {%- endfor -%}
    select
        *,
        {{ text_literal(entries[0]['vendor']) }} as vendor,
        '{{ entries[0].get('unit') or 'person' }}' as unit_type,
        {{ by_number('entry', sources, 'true') }} as is_expected_source
    from (
        select
            *,
            {% if entries | length == 1 -%}
            {{ own[0] }}
            {%- else -%}
            case
                {%- for take in takes %}
                when {{ take['trigger'] }} and {{ sources[take['number']] }}
                    then {{ take['number'] }}
                {%- endfor %}
                {%- for take in takes %}
                when {{ take['trigger'] }} then {{ take['number'] }}
                {%- endfor %}
            end
            {%- endif %} as entry
        from {{ relation }}
        where is_behaviour and ({{ triggers | join(' or ') }})
    ) as taken
    where entry in ({{ own | join(', ') }})
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        *,
        null::integer as entry,
        null::varchar as vendor,
        null::varchar as unit_type,
        true as is_expected_source
    from {{ relation }}
    where false
    {% endfor %}
{%- endmacro %}

{# The first of some texts that is not empty. #}
{% macro first_text(expressions) -%}
    {%- if expressions -%}
        coalesce(
            {%- for expression in expressions -%}
                nullif({{ expression }}, ''){{ ', ' if not loop.last }}
            {%- endfor -%}
        )
    {%- else -%}
        null::varchar
    {%- endif -%}
{%- endmacro %}

{# The first property of several spellings that is a name: text, a number or a boolean. #}
{% macro first_property(names) -%}
    {%- set expressions = [] -%}
    {%- for name in names -%}
        {%- do expressions.append(
            'case when ' ~ json_kind('properties', name) ~ " = 'BOOLEAN' then "
            ~ json_text('properties', name) ~ ' else '
            ~ json_scalar_text('properties', name) ~ ' end'
        ) -%}
    {%- endfor -%}
    {{ first_text(expressions) }}
{%- endmacro %}

{#
    Whether any of these names is one that stands for something else in published tables:
    all segments, none, all other values.
#}
{% macro has_reserved_name(names) -%}
    {%- set conditions = [] -%}
    {%- for name in names -%}
        {%- do conditions.append(name ~ " in ('(all)', '(none)', '(other)')") -%}
    {%- endfor -%}
    {{ conditions | join(' or ') }}
{%- endmacro %}

{#
    Whether the entry of a view names one of its texts, a name or an id, as a control
    variant. `texts` are those of each entry by its number, else the same for all.
#}
{% macro is_control_of_entry(texts) -%}
    {%- set conditions = {} -%}
    {%- for entry in numbered_entries() if entry.get('control_variants') -%}
        {%- set controls = text_literals(entry['control_variants']) -%}
        {%- set matches = [] -%}
        {%- for text in (texts.get(entry['number'], []) if texts is mapping else texts) -%}
            {%- do matches.append('coalesce(' ~ text ~ ' in (' ~ controls ~ '), false)') -%}
        {%- endfor -%}
        {%- if matches -%}
            {%- do conditions.update({entry['number']: matches | join(' or ')}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ by_number('entry', conditions, 'false') }}
{%- endmacro %}

{#
    Whether the source of a message is one that its adapter takes exposures from:
    without a list of its own, any.
#}
{% macro is_expected_source(entry) -%}
    {%- set sources = (entry or {}).get('sources') -%}
    {{ 'source in (' ~ text_literals(sources) ~ ')' if sources else 'true' }}
{%- endmacro %}

{# The columns every adapter ends with, for those whose arm follows from the name of the variant. #}
{% macro exposures_by_variant(relation) -%}
    select
        message_id,
        vendor,
        entry,
        unit_type,
        experience,
        audience_segment,
        variant,
        case when variant is not null then
            case when is_control then 'control' else 'personalized' end
        end as arm,
        null::varchar as variation,
        false as is_boolean_as_string,
        case
            when experience is null then 'missing_experience'
            when variant is null then 'missing_variant'
            when {{ has_reserved_name(['experience', 'audience_segment', 'variant']) }}
                then 'reserved_name'
        end as incomplete_reason,
        is_expected_source,
        source,
        occurred_at,
        received_at,
        {{ message_fields() }}
    from {{ relation }}
{%- endmacro %}

{#
    What an exposure takes along of its message: whom it is of, and all that a breakdown
    may ask of it later, so that other breakdowns read no message again.
#}
{% macro message_fields() -%}
    file_id,
    type,
    event_name,
    name,
    channel,
    group_id,
    user_id,
    anonymous_id,
    previous_id,
    properties,
    traits,
    context,
    integrations
{%- endmacro %}
