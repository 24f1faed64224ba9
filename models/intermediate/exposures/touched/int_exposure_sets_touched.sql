-- One row per set of identifiers whose exposures, or whom they belong to, may have
-- changed.
{{ sets_touched('int_exposures_seen') }}
