select
    null::varchar as experience,
    null::varchar as split_key,
    null::double as weight
where false
