-- What the publication says of itself.
select
    as_of() as as_of,
    run_id() as run_id,
    (select count(*) from dim_persons) as persons,
    (select coalesce(sum(staged), 0)::bigint from rpt_reconciliation) as messages,
    (
        select list(distinct conversion order by conversion)
        from fct_experience_lift
        where is_main
    ) as main_conversions
