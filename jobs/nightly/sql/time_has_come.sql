-- Whether a message lay in the future of the last build and does not any more.
select exists (
    select 1
    from raw.messages as messages, raw.builds as builds
    where messages.received_at > builds.started_at and messages.received_at <= $now
)
