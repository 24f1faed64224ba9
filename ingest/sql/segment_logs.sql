-- `read_rows` from the lines of Segment's logs. A line is repaired as a whole, so its objects are
-- clean.
decoded_lines as (
    select
        file_id,
        row_number,
        source,
        line as bytes,
        rtrim(try(decode(line)), chr(10) || chr(13)) as text
    from landed_lines
),

compact_lines as (
    select *, compact_json(text) as compact
    from decoded_lines
),

read_lines as (
    select *, read_json(text, compact, compact is not null, $known_shapes) as document_read
    from compact_lines
),

document_lines as (
    select *, json_text(document_read, null) as document
    from read_lines
),

opened_lines as (
    select
        *,
        is_object(document) as is_object,
        case when starts_with(document, '{') then json_extract_string(document, log_fields()) end
            as texts,
        case when starts_with(document, '{') then json_type(document, log_fields()) end as kinds,
        case when starts_with(document, '{') then json_extract(
            document, ['/context', '/integrations', '/properties', '/traits']
        ) end as objects
    from document_lines
),

plain_lines as (
    select
        * exclude (texts),
        case
            when list_contains(kinds, 'DOUBLE')
                then list_transform(
                    texts,
                    lambda number, position:
                    case when kinds[position] = 'DOUBLE' then plain_decimal(number) else number end
                )
            else texts
        end as texts
    from opened_lines
),

landed_rows as (
    select
        file_id,
        row_number,
        source,
        false as is_flattened,
        null::varchar as event_table,
        case
            when text is null then 'undecodable'
            when not is_object then 'no_json_object'
        end as damage,
        coalesce(text, rtrim(bytes::varchar, '\x0A')) as line,
        nullif(document_read.repairs, []) as line_repairs,
        coalesce(
            is_odd_id(kinds[6])
            or is_odd_id(kinds[7])
            or (is_odd_id(kinds[8]) and texts[2] = 'group')
            or (is_odd_id(kinds[9]) and texts[2] = 'alias'),
            false
        ) as has_odd_id,
        texts[1] as message_id,
        texts[2] as type,
        texts[3] as event,
        texts[4] as name,
        texts[5] as category,
        id_text(kinds[6], texts[6]) as anonymous_id,
        id_text(kinds[7], texts[7]) as user_id,
        id_text(kinds[8], texts[8]) as group_id,
        id_text(kinds[9], texts[9]) as previous_id,
        texts[10] as channel,
        texts[11] as version,
        texts[12] as project_id,
        texts[13] as given_at_text,
        texts[14] as original_at_text,
        texts[15] as sent_at_text,
        texts[16] as received_at_text,
        null::timestamp as given_at_typed,
        null::timestamp as original_at_typed,
        null::timestamp as sent_at_typed,
        null::timestamp as received_at_typed,
        nullif(objects[1]::varchar, 'null') as context,
        nullif(objects[2]::varchar, 'null') as integrations,
        nullif(objects[3]::varchar, 'null') as properties,
        nullif(objects[4]::varchar, 'null') as traits
    from plain_lines
),

read_rows as (
    select
        *,
        struct_pack(text := context, repairs := null::varchar[]) as context_read,
        struct_pack(text := integrations, repairs := null::varchar[]) as integrations_read,
        struct_pack(text := properties, repairs := null::varchar[]) as properties_read,
        struct_pack(text := traits, repairs := null::varchar[]) as traits_read
    from landed_rows
)
