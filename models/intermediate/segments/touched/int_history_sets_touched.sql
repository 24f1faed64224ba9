-- One row per set of identifiers whose messages, or whom they belong to, may have
-- changed.
{{ sets_touched('int_histories_seen') }}
