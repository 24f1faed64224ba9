-- From `landed_rows` with objects as they were written to `read_rows` with their repaired text.
compact_rows as (
    select
        *,
        -- What a library writes into every message, and most of its bytes.
        compact_long_json(context) as context_compact,
        compact_json(integrations) as integrations_compact,
        compact_json(properties) as properties_compact,
        compact_json(traits) as traits_compact
    from landed_rows
),

read_rows as (
    select
        *,
        -- Not parsed yet; in the brackets that keys are read in, two objects would pass.
        read_json(
            context, context_compact, coalesce(json_valid(context_compact), false), $known_shapes
        ) as context_read,
        read_json(
            integrations, integrations_compact, integrations_compact is not null, $known_shapes
        ) as integrations_read,
        read_json(
            properties, properties_compact, properties_compact is not null, $known_shapes
        ) as properties_read,
        read_json(traits, traits_compact, traits_compact is not null, $known_shapes) as traits_read
    from compact_rows
)
