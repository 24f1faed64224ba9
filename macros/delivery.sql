{#
    What Segment's destination of a vendor is called and accepts; none for vendors
    without one.
#}
{% macro vendor_destination(vendor) -%}
    {{ return({
        'mutiny': {'names': ['Mutiny'], 'types': ['identify', 'track']},
        'abmatic': {
            'names': ['Markettailor', 'Abmatic'],
            'types': ['page', 'identify', 'track'],
        },
        'split': {
            'names': ['Split'],
            'types': ['identify', 'group', 'track', 'page', 'screen'],
        },
        'mixpanel': {
            'names': ['Mixpanel', 'Mixpanel (Actions)'],
            'types': ['identify', 'track', 'page', 'screen', 'group']
                + (['alias'] if _maps_aliases() else []),
        },
    }.get(vendor)) }}
{%- endmacro %}

{# Mixpanel takes aliases as soon as a mapping makes something of them. #}
{% macro _maps_aliases() -%}
    {{ return(
        var('destinations').get('mixpanel', {}).get('mappings', [])
        | selectattr('enabled') | selectattr('action', 'eq', 'alias') | list | length > 0
    ) }}
{%- endmacro %}

{% macro _switch_is_on(integrations, name) -%}
    ({{ json_kind(integrations, name) }} = 'OBJECT'
    or ({{ json_kind(integrations, name) }} = 'BOOLEAN'
        and {{ json_text(integrations, name) }} = 'true'))
{%- endmacro %}

{#
    True or an object is on, anything else off; a name that is absent follows All, which
    is on by default.
#}
{% macro integration_is_on(integrations, names) -%}
    case
        when coalesce(
            {% for name in names -%}
                {{ json_kind(integrations, name) }}{{ ', ' if not loop.last }}
            {%- endfor %}
        ) is not null
            then coalesce({% for name in names -%}
                {{ _switch_is_on(integrations, name) }}
                {{- ', false) or coalesce(' if not loop.last }}
            {%- endfor %}, false)
        when {{ json_kind(integrations, 'All') }} is not null
            then {{ _switch_is_on(integrations, 'All') }}
        else true
    end
{%- endmacro %}

{#
    Preferences restrict once they are given; every category of the destination must
    then be true.
#}
{% macro consent_is_given(context, categories) -%}
    {%- set preferences = ['consent', 'categoryPreferences'] -%}
    {%- if categories -%}
    case
        when coalesce({{ json_kind(context, preferences) }}, '') <> 'OBJECT' then true
        else {% for category in categories -%}
            {%- set path = preferences + [category] -%}
            coalesce({{ json_kind(context, path) }} = 'BOOLEAN'
                and {{ json_text(context, path) }} = 'true', false)
            {{- ' and ' if not loop.last }}
        {%- endfor %}
    end
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#
    Why a conversion did not reach a vendor through its destination; null when it did.
    The first reason counts.
#}
{% macro drop_reason(vendor) -%}
    {%- set destination = vendor_destination(vendor) -%}
    {%- if destination is none or var('statistics')['scope'] == 'all' -%}
        null::varchar
    {%- else -%}
    {%- set configured = var('destinations').get(vendor, {}) -%}
    {%- set cut_off, elsewhere = [], [] -%}
    {%- for key, source in var('sources').items() -%}
        {%- if configured.get('is_named', true)
            and source.get('destinations') is not none
            and vendor not in source['destinations'] -%}
            {%- do cut_off.append(key) -%}
        {%- endif -%}
        {%- if configured.get('enforce_region')
            and source.get('region') and configured.get('region')
            and source['region'] != configured['region'] -%}
            {%- do elsewhere.append(key) -%}
        {%- endif -%}
    {%- endfor -%}
    case
        {%- if configured.get('state', 'active') != 'active' %}
        when true then 'destination_inactive'
        {%- endif %}
        {%- if cut_off %}
        when source in ({{ text_literals(cut_off) }}) then 'source_not_connected'
        {%- endif %}
        {%- if elsewhere %}
        when source in ({{ text_literals(elsewhere) }}) then 'region_mismatch'
        {%- endif %}
        when not (
            {{ consent_is_given('context', configured.get('consent_categories')) }}
        ) then 'consent'
        when not ({{ integration_is_on('integrations', destination['names']) }})
            then 'integrations_object'
        when type not in ('{{ destination['types'] | join("', '") }}')
            then 'unsupported_type'
        {%- if vendor == 'abmatic'
            and 'segment' not in configured.get('conversion_integration', ['segment']) %}
        when true then 'conversion_integration_off'
        {%- endif %}
    end
    {%- endif -%}
{%- endmacro %}
