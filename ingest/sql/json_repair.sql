-- Which JSON texts need repair. `repair_json` is the Python function of this connection.

-- Compact JSON; null when the value is not JSON.
create or replace temp macro compact_json(value) as try(json(value))::varchar;

-- A long text that looks compact is not parsed. A writer that puts space between members does so
-- from the first one on.
create or replace temp macro compact_long_json(value) as
    case
        when regexp_matches(value, '^\s|^\{\s|^\{\"[^\"]*\"\s|^\{\"[^\"]*\":\s')
            or contains(value, '\') then try(json(value))::varchar
        else value
    end;

-- The keys of every object. The array around the text makes `$..*` return those of its top as well.
create or replace temp macro json_object_keys(value) as json_keys('[' || value || ']', '$..*');

create or replace temp macro repeats_a_key(value) as
    try(list_bool_or(list_transform(
        json_object_keys(value), lambda keys: len(keys) <> len(list_distinct(keys))
    )));

-- NaN and Infinity, integers past 64 bits, and what has another spelling: exponents, long fractions
-- and those that end in zero. A number follows `:`, or `,` and `[` in a list: patterns that begin
-- with a literal are searched several times as fast as those that begin with a class.
create or replace temp macro suspect_number() as
    '\s*-?(?:[nN][aA][nN]|[iI][nN][fF]|[0-9.]{19}|[0-9.]+[eE]|[0-9]+\.[0-9]+0\s*[,\]}])';

-- Whether a JSON text needs no repair. `shapes` are hashes of keys of which none repeats.
create or replace temp macro is_clean_json(value, compact, is_json, shapes) as
    case
        -- The keys of what is not JSON have the hash of no keys.
        when not is_json then false
        when compact = '{}' then true
        -- A number whose text was left as it is was a double's shortest text before.
        when compact <> value and regexp_matches(compact, 'Id":-?[0-9]+[.eE]') then false
        when regexp_matches(compact, ':' || suspect_number()) then false
        when contains(compact, '[')
            and regexp_matches(compact, '[\[,]' || suspect_number()) then false
        when list_contains(shapes, try(hash(json_object_keys(compact)))) then true
        else coalesce(not repeats_a_key(compact), false)
    end;

-- A struct of `text`, compact JSON or null when the value is not JSON, and `repairs`, which is null
-- for nearly every text.
create or replace temp macro read_json(value, compact, is_json, shapes) as
    case
        when value is null then null
        when is_clean_json(value, compact, is_json, shapes)
            then struct_pack(text := compact, repairs := null::varchar[])
        else repair_json(value)
    end;
