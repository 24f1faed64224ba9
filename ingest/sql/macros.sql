-- Expressions that the statements of ingest share.

-- `1e3` and `1000.0` are `1000`.
create or replace temp macro plain_decimal(number) as {plain_decimal};

-- Times. A text is a time in ISO 8601 with its leading zeros, in any precision, or in the form of
-- Go's `time.String()`. A bare date, an epoch number and a text with space around it are not times.

-- As Segment writes a time: 2026-05-09T23:54:49.200Z, from the year 1 on. DuckDB would also read the
-- hour 24. A glob is cheaper than a regular expression.
create or replace temp macro is_plain_time(written) as (
    written glob
        '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]Z'
    and written >= '0001'
    and not contains(written, 'T24')
);

create or replace temp macro iso_time() as
    '^\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d+)?)?'
    || '(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)?$';
create or replace temp macro parsed_iso_time(written) as
    case
        when regexp_matches(written, iso_time())
            then try_cast(written as timestamptz) at time zone 'UTC'
    end;
create or replace temp macro go_time() as
    '^(\d{4}-\d{2}-\d{2}) ((?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?)'
    || ' ([+-](?:[01]\d|2[0-3]))([0-5]\d) .*$';

-- The time in UTC, or null. Nearly every message has a plain time, which needs no time zone.
create or replace temp macro parsed_time(written, is_plain) as
    case
        when written is null then null
        when is_plain then try_cast(written as timestamp)
        when regexp_matches(written, iso_time())
            then try_cast(written as timestamptz) at time zone 'UTC'
        when regexp_matches(written, go_time()) then
            try_cast(regexp_replace(written, go_time(), '\1T\2\3:\4') as timestamptz)
            at time zone 'UTC'
    end;

-- In milliseconds, as Segment writes it; in microseconds where the time has them.
create or replace temp macro time_as_text(instant) as
    case
        when epoch_us(instant) % 1000 = 0 then strftime(instant, '%Y-%m-%dT%H:%M:%S.%gZ')
        else strftime(instant, '%Y-%m-%dT%H:%M:%S.%fZ')
    end;

-- The years 1 to 9999 are those that other tools can read.
create or replace temp macro first_time() as timestamp '0001-01-01';
create or replace temp macro last_time() as timestamp '9999-12-31 23:59:59.999999';
create or replace temp macro bounded_time(instant) as
    case
        when instant > last_time() then last_time()
        when instant < first_time() then first_time()
        else instant
    end;

-- The text of a time is kept only where the time does not give it back.
create or replace temp macro kept_time_text(instant, written, is_plain, typed, parsed) as
    case
        when instant is not null and is_plain then null
        when instant is null and typed is not null then time_as_text(parsed)
        else written
    end;

-- JSON.

-- What was repaired in Python is written as DuckDB writes JSON; what is not JSON stays as it is.
create or replace temp macro json_text(json_read, written) as
    coalesce(
        case
            when json_read.repairs is not null then json(json_read.text)::varchar
            else json_read.text
        end,
        written
    );

-- Compact JSON shows by its first character what it is.
create or replace temp macro is_object(compact) as coalesce(starts_with(compact, '{'), false);

create or replace temp macro json_or_text(value) as
    case
        when value is null then null
        when json_valid(value) then value
        else to_json(value)
    end;

-- A value of a CSV file: what is written as JSON writes a number, `true` or `false` is that, unless no
-- reader of JSON holds the number: an integer past 64 bits, or one that is infinite. The rest is text.
create or replace temp macro csv_value(written) as
    case
        when written in ('true', 'false') then try_cast(written as json)
        when not regexp_full_match(written, '-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?')
            then to_json(written)
        when case
            when regexp_full_match(written, '-?[0-9]+')
                then coalesce(try_cast(written as bigint), try_cast(written as ubigint)) is not null
            else coalesce(isfinite(try_cast(written as double)), false)
        end then try_cast(written as json)
        else to_json(written)
    end;

-- Segment logs: the fields of a line, in the order of `texts` and `kinds`.
create or replace temp macro log_fields() as [
    '/messageId', '/type', '/event', '/name', '/category', '/anonymousId', '/userId', '/groupId',
    '/previousId', '/channel', '/version', '/projectId', '/timestamp', '/originalTimestamp',
    '/sentAt', '/receivedAt'
];
create or replace temp macro is_odd_id(kind) as kind in ('OBJECT', 'ARRAY', 'BOOLEAN');
create or replace temp macro id_text(kind, written) as
    case when kind not in ('OBJECT', 'ARRAY', 'BOOLEAN') then written end;

-- Identifiers.

create or replace temp macro normalised(value) as
    lower(trim(value, ' ' || chr(9) || chr(10) || chr(13)));

-- As `Erasure.hash` in Python; null without a value.
create or replace temp macro identifier_hash(id_type, id_value, inner_pad, outer_pad) as
    sha256(outer_pad || unhex(sha256(inner_pad || encode(id_type || '|' || id_value))));

-- As the models have it: what a blocked pattern matches is not an identifier.
create or replace temp macro usable_id(id_value, blocked) as
    case when not regexp_full_match(normalised(id_value), blocked) then id_value end;

-- The text of a trait that is a string or a number.
create or replace temp macro trait_text(traits, pointer) as
    case json_type(traits, pointer)
        when 'VARCHAR' then traits ->> pointer
        when 'BIGINT' then traits ->> pointer
        when 'UBIGINT' then traits ->> pointer
        when 'HUGEINT' then traits ->> pointer
        when 'DOUBLE' then plain_decimal(traits ->> pointer)
    end;

create or replace temp macro is_owned(is_whole, intervals, instant) as
    case
        when is_whole then true
        else list_bool_or(list_transform(
            intervals,
            lambda owned: (owned.owned_from is null or instant >= owned.owned_from)
            and (owned.owned_to is null or instant < owned.owned_to)
        ))
    end;
