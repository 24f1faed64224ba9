-- One row per result whose status changed: none yet.
create or replace temp table verdict_changes (
    vendor varchar,
    experience varchar,
    audience_segment varchar,
    period date,
    conversion varchar,
    metric varchar,
    variant varchar,
    is_main boolean,
    status_before varchar,
    status varchar,
    lift_before double,
    lift double
)
