-- One row per record of a file of the CRM.
create or replace temp table crm_rows as
with

landed_rows as (
    select
        row_number() over () - {rows_before} as row_number,
        nullif(trim({id}), '') as id_text,
        nullif(normalised({email}), '') as email,
        nullif(trim({valid_from_text}), '') as valid_from_text,
        {valid_from} as valid_from_typed,
        json_strip_nulls(json_object({fields}))::varchar as fields
    from {source}
),

dated_rows as (
    select
        * exclude (valid_from_text, valid_from_typed),
        coalesce(valid_from_text, valid_from_typed::varchar) as valid_from_text,
        case
            when valid_from_typed is not null then valid_from_typed
            when regexp_full_match(valid_from_text, '\d{4}-\d{2}-\d{2}')
                then try_cast(valid_from_text as timestamp)
            else parsed_iso_time(valid_from_text)
        end as valid_from
    from landed_rows
)

select
    * exclude (valid_from),
    bounded_time(valid_from) as valid_from,
    {is_erased} as is_erased
from dated_rows
where row_number > 0
