-- One row per table and macro of a publication, from the comments that it carries.
create or replace table help (
    name varchar not null primary key,
    kind varchar not null,
    grain varchar,
    example varchar not null
);

comment on table help is 'One row per table and macro of this file: its grain and an example.';
comment on column help.name is 'Name of the table or macro.';
comment on column help.kind is 'table, view or macro.';
comment on column help.grain is 'What a row is: the first sentence of the comment.';
comment on column help.example is 'A query that can be run as it is.';

insert into help
with examples (name, example) as (
    values
    ('as_of', 'select as_of()'),
    ('run_id', 'select run_id()'),
    ('schema_version', 'select schema_version()'),
    ('normal_quantile', 'select normal_quantile(0.975)'),
    ('person_at', 'from person_at(''user_id'', ''u1'', as_of())'),
    ('person_timeline', 'from person_timeline(''user_id:u1'')'),
    (
        'lift_by',
        'from lift_by(cohort_day, condition := audience_segment = ''(all)'', metric := ''conversion_rate'')'
    ),
    (
        'fct_experience_lift',
        'select experience, audience_segment, lift, running_ci_lower, running_ci_upper, status'
        ' from fct_experience_lift where is_main and metric = ''conversion_rate'''
    ),
    (
        'fct_experience_lift_daily',
        'select experience, as_of_date, lift, running_ci_lower, running_ci_upper'
        ' from fct_experience_lift_daily'
        ' where is_main and metric = ''conversion_rate'' and audience_segment = ''(all)'' order by all'
    ),
    (
        'fct_experience_cube',
        'select experience, arm, sum(visitors)::bigint as visitors, sum(converters)::bigint as converters'
        ' from fct_experience_cube where audience_segment = ''(all)'' group by all'
    ),
    (
        'fct_unit_outcomes',
        'select experience, arm, count(*) as visitors, count_if(is_converted) as converters'
        ' from fct_unit_outcomes'
        ' where is_counted and conversion = ''signup'' and audience_segment = ''(all)'' group by all'
    ),
    (
        'rpt_lift_by_breakdown',
        'select experience, breakdown, value, lift, lift_ci_lower, lift_ci_upper'
        ' from rpt_lift_by_breakdown where not is_small and is_main'
        ' and metric = ''conversion_rate'' and audience_segment = ''(all)'''
    ),
    (
        'fct_assignments',
        'select experience, variant, count(*) as visitors, count_if(is_crossover) as crossovers'
        ' from fct_assignments where audience_segment = ''(all)'' group by all'
    ),
    (
        'fct_conversions',
        'select conversion, converted_at::date as day, count(*) as conversions'
        ' from fct_conversions group by all order by all'
    ),
    (
        'fct_conversion_outcomes',
        'select vendor, conversion, outcome, count(*) as conversions'
        ' from fct_conversion_outcomes where experience = ''(none)'' group by all'
    ),
    (
        'fct_attributions',
        'select conversion, experience, sum(weight) as conversions'
        ' from fct_attributions where model = ''linear'' group by all'
    ),
    (
        'rpt_unattributed_conversions',
        'select vendor, conversion, reason, count(*) as conversions'
        ' from rpt_unattributed_conversions group by all'
    ),
    ('fct_user_segment_memberships', 'from fct_user_segment_memberships where member_to is null'),
    ('rpt_journey', 'from rpt_journey where person_id = ''user_id:u1'' order by seq'),
    ('rpt_conversion_catalog', 'from rpt_conversion_catalog where not is_configured order by events desc'),
    (
        'dq_findings',
        'select severity, check_name, subject, detail from dq_findings order by finding_count desc'
    ),
    ('runs', 'from runs order by started_at desc limit 10')
),

relations as (
    select table_name as name, 'table' as kind, comment
    from duckdb_tables()
    where database_name = current_database() and schema_name = 'main'
    union all
    select view_name as name, 'view' as kind, comment
    from duckdb_views()
    where database_name = current_database() and schema_name = 'main' and not internal
    union all
    select function_name as name, 'macro' as kind, any_value(comment) as comment
    from duckdb_functions()
    where database_name = current_database() and schema_name = 'main' and not internal
        and function_type in ('macro', 'table_macro')
    group by function_name
)

select
    relations.name,
    relations.kind,
    coalesce(
        nullif(regexp_extract(trim(relations.comment), '^(?s:(.+?[.?!]))(\s|$)', 1), ''),
        relations.comment
    ) as grain,
    coalesce(examples.example, 'from ' || relations.name || ' limit 10') as example
from relations
left join examples on relations.name = examples.name
order by relations.kind = 'macro', relations.name;
