-- One row of `raw.messages` per landed row. `read_rows` has, whatever the layout,
--   file_id, row_number, source, is_flattened, event_table;
--   damage: why the row is not a message at all; line: its own text, where it has one;
--   has_odd_id: an identifier is neither text nor a number;
--   the text fields; each time as text (`…_text`) or typed (`…_typed`);
--   each object as written, and as a struct of its repaired text and the repairs (`…_read`).
with

{rows},

plain_rows as (
    select
        *,
        is_plain_time(given_at_text) as is_plain_given_at,
        is_plain_time(original_at_text) as is_plain_original_at,
        is_plain_time(sent_at_text) as is_plain_sent_at,
        is_plain_time(received_at_text) as is_plain_received_at
    from read_rows
),

parsed_rows as (
    select
        *,
        coalesce(given_at_typed, parsed_time(given_at_text, is_plain_given_at)) as given_at_parsed,
        coalesce(original_at_typed, parsed_time(original_at_text, is_plain_original_at))
            as original_at_parsed,
        coalesce(sent_at_typed, parsed_time(sent_at_text, is_plain_sent_at)) as sent_at_parsed,
        coalesce(received_at_typed, parsed_time(received_at_text, is_plain_received_at))
            as received_at_parsed
    from plain_rows
),

clean_rows as (
    select
        * exclude (
            context, integrations, properties, traits, line_repairs,
            given_at_parsed, original_at_parsed, sent_at_parsed, received_at_parsed
        ),
        json_text(context_read, context) as context,
        json_text(integrations_read, integrations) as integrations,
        json_text(properties_read, properties) as properties,
        json_text(traits_read, traits) as traits,
        context is null or is_object(context_read.text) as is_sound_context,
        integrations is null or is_object(integrations_read.text) as is_sound_integrations,
        properties is null or is_object(properties_read.text) as is_sound_properties,
        traits is null or is_object(traits_read.text) as is_sound_traits,
        bounded_time(given_at_parsed) as given_at_parsed,
        bounded_time(original_at_parsed) as original_at_parsed,
        bounded_time(sent_at_parsed) as sent_at_parsed,
        bounded_time(received_at_parsed) as received_at_parsed,
        list_concat(
            line_repairs,
            context_read.repairs,
            integrations_read.repairs,
            properties_read.repairs,
            traits_read.repairs,
            case
                when greatest(
                    given_at_parsed, original_at_parsed, sent_at_parsed, received_at_parsed
                ) > last_time()
                or least(
                    given_at_parsed, original_at_parsed, sent_at_parsed, received_at_parsed
                ) < first_time()
                    then ['time_out_of_range']
            end
        ) as all_repairs
    from parsed_rows
),

dated_rows as (
    select
        *,
        nullif(message_id, '') is not null as has_message_id,
        given_at_typed is not null or coalesce(given_at_text, '') <> '' as has_timestamp,
        case when given_at_parsed >= timestamp '2000-01-01' then given_at_parsed end as given_at,
        original_at_parsed as original_at,
        sent_at_parsed as sent_at,
        case when received_at_parsed >= timestamp '2000-01-01' then received_at_parsed end
            as received_at
    from clean_rows
),

checked_rows as (
    select
        file_id,
        row_number,
        source,
        is_flattened,
        case
            when damage is not null then damage
            when type is null
                or type not in ('identify', 'track', 'page', 'screen', 'group', 'alias', 'delete')
                then 'unknown_type'
            when not has_odd_id
                and not coalesce(
                    anonymous_id <> ''
                    or user_id <> ''
                    or (previous_id <> '' and type = 'alias')
                    or (group_id <> '' and type = 'group'),
                    false
                ) then 'no_identifier'
            when coalesce(received_at, given_at) is null then 'no_time'
        end as reject_reason,
        line,
        has_message_id,
        message_id,
        type,
        event,
        event_table,
        name,
        category,
        anonymous_id,
        user_id,
        group_id,
        previous_id,
        channel,
        version,
        project_id,
        has_timestamp,
        given_at,
        original_at,
        sent_at,
        received_at,
        kept_time_text(given_at, given_at_text, is_plain_given_at, given_at_typed, given_at_parsed)
            as given_at_text,
        kept_time_text(
            original_at, original_at_text, is_plain_original_at,
            original_at_typed, original_at_parsed
        ) as original_at_text,
        kept_time_text(sent_at, sent_at_text, is_plain_sent_at, sent_at_typed, sent_at_parsed)
            as sent_at_text,
        kept_time_text(
            received_at, received_at_text, is_plain_received_at,
            received_at_typed, received_at_parsed
        ) as received_at_text,
        case when is_sound_context then context end as context,
        case when is_sound_integrations then integrations end as integrations,
        case when is_sound_properties then properties end as properties,
        case when is_sound_traits then traits end as traits,
        case
            when not (
                is_sound_context and is_sound_integrations
                and is_sound_properties and is_sound_traits
            ) then json_object(
                'context', case when not is_sound_context then context end,
                'integrations', case when not is_sound_integrations then integrations end,
                'properties', case when not is_sound_properties then properties end,
                'traits', case when not is_sound_traits then traits end
            )::varchar
        end as unsound_objects,
        case
            when all_repairs is not null
                then nullif(array_to_string(list_sort(list_distinct(all_repairs)), ','), '')
        end as repairs
    from dated_rows
),

payload_rows as (
    select
        *,
        case
            when not has_message_id or (reject_reason is not null and line is null)
                then {payload}
        end as payload
    from checked_rows
)

select
    * exclude (line, payload, message_id),
    case when reject_reason is not null then coalesce(line, payload) end as rejected_payload,
    false as is_duplicate,
    -- A message without an id gets its ordinal among equal rows of its file later.
    case when has_message_id then message_id else md5(payload) end as message_id
from payload_rows
