{# The event that a preset makes of a call, by the name as sent: null without a name. #}
{% macro mixpanel_preset_event() -%}
    case type
        when 'track' then nullif(original_event_name, '')
        when 'page' then {{ var('mixpanel')['page_event_sql'] }}
        when 'screen' then 'Viewed ' || coalesce(name, '')
    end
{%- endmacro %}

{# The group of a group call: the trait that is the group key, else groupId. #}
{% macro mixpanel_group_id(messages) -%}
    coalesce(
        nullif({{ json_scalar_text(
            messages ~ '.traits', var('mixpanel')['group_key']
        ) }}, ''),
        nullif({{ messages }}.group_id, '')
    )
{%- endmacro %}

{#
    What Mixpanel takes from the context of a call, by the name of the property. Segment's
    mapping of it: action-destinations, mixpanel/mixpanel-properties.ts.
#}
{% macro mixpanel_context_fields() -%}
    {{ return({
        '$app_build_number': ['app', 'build'],
        '$app_name': ['app', 'name'],
        '$app_namespace': ['app', 'namespace'],
        '$app_version_string': ['app', 'version'],
        '$bitness': ['userAgentData', 'bitness'],
        '$bluetooth_enabled': ['network', 'bluetooth'],
        '$carrier': ['network', 'carrier'],
        '$cellular_enabled': ['network', 'cellular'],
        '$current_url': ['page', 'url'],
        '$device': ['device', 'name'],
        '$device_name': ['device', 'name'],
        '$device_type': ['device', 'type'],
        '$lib_version': ['library', 'version'],
        '$locale': ['locale'],
        '$manufacturer': ['device', 'manufacturer'],
        '$mobile': ['userAgentData', 'mobile'],
        '$model': ['device', 'model'],
        '$os': ['os', 'name'],
        '$os_version': ['os', 'version'],
        '$platform': ['userAgentData', 'platform'],
        '$platformVersion': ['userAgentData', 'platformVersion'],
        '$referrer': ['page', 'referrer'],
        '$screen_density': ['screen', 'density'],
        '$screen_height': ['screen', 'height'],
        '$screen_width': ['screen', 'width'],
        '$uaFullVersion': ['userAgentData', 'uaFullVersion'],
        '$wifi_enabled': ['network', 'wifi'],
        '$wow64': ['userAgentData', 'wow64'],
        'ad_tracking_enabled': ['device', 'adTrackingEnabled'],
        'advertising_id': ['device', 'advertisingId'],
        'app_platform': ['app', 'platform'],
        'ip': ['ip'],
        'mp_country_code': ['location', 'country'],
        'timezone': ['timezone'],
        'utm_campaign': ['campaign', 'name'],
        'utm_content': ['campaign', 'content'],
        'utm_medium': ['campaign', 'medium'],
        'utm_source': ['campaign', 'source'],
        'utm_term': ['campaign', 'term'],
    }) }}
{%- endmacro %}

{# Of the same order as Segment's getBrowser; null for an agent that it does not know. #}
{% macro mixpanel_browser(agent) -%}
    case
        when {{ agent }} is null then null
        when contains({{ agent }}, ' OPR/')
            then case
                when contains({{ agent }}, 'Mini') then 'Opera Mini' else 'Opera'
            end
        when regexp_matches({{ agent }}, '(?i)BlackBerry|PlayBook|BB10') then 'BlackBerry'
        when contains({{ agent }}, 'IEMobile') or contains({{ agent }}, 'WPDesktop')
            then 'Internet Explorer Mobile'
        when contains({{ agent }}, 'SamsungBrowser/') then 'Samsung Internet'
        when contains({{ agent }}, 'Edge') or contains({{ agent }}, 'Edg/')
            then 'Microsoft Edge'
        when contains({{ agent }}, 'FBIOS') then 'Facebook Mobile'
        when contains({{ agent }}, 'Chrome') then 'Chrome'
        when contains({{ agent }}, 'CriOS') then 'Chrome iOS'
        when contains({{ agent }}, 'UCWEB') or contains({{ agent }}, 'UCBrowser')
            then 'UC Browser'
        when contains({{ agent }}, 'FxiOS') then 'Firefox iOS'
        when contains({{ agent }}, 'Safari')
            then case
                when contains({{ agent }}, 'iPhone') then 'Mobile Safari' else 'Safari'
            end
        when contains({{ agent }}, 'Android') then 'Android Mobile'
        when contains({{ agent }}, 'Konqueror') then 'Konqueror'
        when contains({{ agent }}, 'Firefox') then 'Firefox'
        when contains({{ agent }}, 'MSIE') or contains({{ agent }}, 'Trident/')
            then 'Internet Explorer'
        when contains({{ agent }}, 'Gecko') then 'Mozilla'
    end
{%- endmacro %}

{# The version that Segment's getBrowserVersion reads; null where it finds none. #}
{% macro mixpanel_browser_version(agent, browser) -%}
    {%- set patterns = {
        'Internet Explorer Mobile': 'rv:', 'Microsoft Edge': 'Edge?/', 'Chrome': 'Chrome/',
        'Chrome iOS': 'CriOS/', 'UC Browser': '(?:UCBrowser|UCWEB)/', 'Safari': 'Version/',
        'Mobile Safari': 'Version/', 'Opera': '(?:Opera|OPR)/', 'Firefox': 'Firefox/',
        'Firefox iOS': 'FxiOS/', 'Konqueror': 'Konqueror:', 'BlackBerry': 'BlackBerry ',
        'Android Mobile': 'android\\s', 'Samsung Internet': 'SamsungBrowser/',
        'Internet Explorer': '(?:rv:|MSIE )', 'Mozilla': 'rv:',
    } -%}
    nullif(case {{ browser }}
        {%- for name, pattern in patterns.items() %}
        when '{{ name }}'
            then regexp_extract({{ agent }}, '{{ pattern }}(\d+(?:\.\d+)+)', 1)
        {%- endfor %}
    end, '')
{%- endmacro %}

{# What belongs to the event itself: a call's own property of such a name is not sent. #}
{% macro mixpanel_reserved_names() -%}
    [
        'time', 'id', '$anon_id', 'distinct_id', '$group_id', '$insert_id', '$user_id'
    ]
{%- endmacro %}

{# What a call sends of its own properties, as members of an object. #}
{% macro mixpanel_members(properties) -%}
    case
        -- Most calls have nothing that is left out or cut.
        when length({{ properties }}) <= 255
            and not contains({{ properties }}, 'null')
            and not contains({{ properties }}, '"$')
            and not contains({{ properties }}, '"time"')
            and not contains({{ properties }}, 'id"')
            and not contains({{ properties }}, '\')
            then {{ properties }}[2:-2]
        else {{ json_members(
            properties,
            'not list_contains(' ~ mixpanel_reserved_names() ~ ', member.key)',
            255
        ) }}
    end
{%- endmacro %}

{#
    What a product of an order sends: the order's properties without its totals, then the
    fields of a product that Segment knows.
#}
{% macro mixpanel_product_members(properties, product) -%}
    {%- set fields = "[
        'product_id', 'sku', 'category', 'name', 'brand', 'variant', 'price', 'quantity',
        'coupon', 'position', 'url', 'image_url'
    ]" -%}
    {%- set left_out = "list_concat([
        'affiliation', 'subtotal', 'total', 'revenue', 'shipping', 'tax', 'discount',
        'coupon', 'currency', 'order_number', 'products'
    ], " ~ mixpanel_reserved_names() ~ ")" -%}
    concat_ws(
        ',',
        nullif({{ json_members(properties,
            'not list_contains(' ~ left_out ~ ', member.key)'
            ~ ' and not (list_contains(' ~ fields ~ ', member.key)'
            ~ " and coalesce(json_extract(" ~ product ~ ", '/' || member.key), 'null') <> 'null')",
            255) }}, ''),
        nullif({{ json_members(product, 'list_contains(' ~ fields ~ ', member.key)', 255) }}, '')
    )
{%- endmacro %}

{# The groups of an event: what its property named by the group key holds. #}
{% macro mixpanel_group_ids(properties) -%}
    {%- set kind = json_kind(properties, var('mixpanel')['group_key']) -%}
    {%- set value = '(' ~ properties ~ ' -> ' ~ json_pointer(var('mixpanel')['group_key']) ~ ')' -%}
    case when {{ kind }} is null then []::varchar[] else list_filter(
        list_transform(
            case {{ kind }} when 'ARRAY' then {{ json_elements(value) }} else [{{ value }}] end,
            lambda one: case {{ json_kind_of('one') }}
                when 'DOUBLE' then {{ plain_decimal(json_whole_text('one')) }}
                when 'OBJECT' then null
                when 'ARRAY' then null
                when 'NULL' then null
                else {{ json_whole_text('one') }}
            end
        ),
        lambda group_id: group_id <> ''
    ) end
{%- endmacro %}

{# Why Mixpanel's import refuses the properties of an event; `written` is all but ours. #}
{% macro mixpanel_property_problem(event, properties, written) -%}
    case
        when length({{ event }}) > 255 then case
            when array_length(json_keys({{ properties }})) > 255
                then 'too_many_properties' else 'name_too_long'
        end
        -- Neither too many nor too long a name fits in less.
        when length({{ written }}) <= 255 then null
        when array_length(json_keys({{ properties }})) > 255 then 'too_many_properties'
        when list_bool_or(list_transform(
            json_keys({{ properties }}), lambda name: length(name) > 255
        ))
            then 'name_too_long'
    end
{%- endmacro %}

{#
    What Mixpanel gets with every event beside the call's own properties, as members of
    an object: fields of the context by their place in `fields`, and the ids.
#}
{% macro mixpanel_event_members(names) -%}
    concat_ws(
        ',',
        {%- for name in names %}
        '"{{ name }}":' || {{ json_cut_text('fields[' ~ loop.index ~ ']', 255) }},
        {%- endfor %}
        case fields[{{ names | length + 3 }}]
            when '"Iterable"' then '"$source":"Iterable"' else '"$source":"segment"'
        end,
        '"$group_id":' || nullif(fields[{{ names | length + 4 }}], '""'),
        '"$ios_ifa":'
        || coalesce(fields[{{ names | length + 5 }}], fields[{{ names | length + 6 }}]),
        {{ json_text_member('$browser', 'browser', 255) }},
        {{ json_text_member('$browser_version', 'browser_version', 255) }},
        {{ json_text_member('mp_lib', mixpanel_library('library'), 255) }},
        {{ json_text_member('event_original_name', 'original_name', 255) }},
        {{ json_text_member('$device_id', 'anonymous_id', 255) }},
        {{ json_text_member('$anon_id', 'anonymous_id', 255) }},
        {{ json_text_member('$user_id', 'user_id', 255) }},
        {{ json_text_member('$identified_id', 'user_id', 255) }},
        {{ json_text_member('distinct_id', 'distinct_id', 255) }},
        {{ json_text_member('id', 'distinct_id', 255) }},
        {{ json_text_member('$insert_id', 'insert_id', 255) }},
        '"time":' || time
    )
{%- endmacro %}

{# What a distinct id of a device begins with: the merge says how Mixpanel writes it. #}
{% macro mixpanel_device_prefix() -%}
    {{ return('' if var('mixpanel')['identity_merge'] == 'original' else '$device:') }}
{%- endmacro %}

{# Whether a trait is stamped on an event: it is asked for, and the event has none. #}
{% macro mixpanel_super_property(properties) -%}
    {%- set listed = var('mixpanel')['super_properties'] -%}
    not list_contains({{ mixpanel_reserved_names() }}, member.key)
    and not list_contains(json_keys({{ properties }}), member.key)
    {%- if listed is not none %}
    and member.key in (
        {%- for trait in listed %}{{ text_literal(trait) }}{{ ', ' if not loop.last }}{% endfor -%}
    )
    {%- endif %}
{%- endmacro %}

{# The library that sent a call, as Mixpanel shows it; null without one. #}
{% macro mixpanel_library(library) -%}
    ({{ text_literal(var('mixpanel')['mp_lib_prefix']) }} || {{ library }})
{%- endmacro %}
