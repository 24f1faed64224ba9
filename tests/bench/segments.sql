-- Twenty changes of five traits for each of `persons` persons over a hundred days, and as
-- many again for a thirtieth of them, `new_changes`.
create or replace macro change(person, number) as struct_pack(
    person_id := 'user_id:' || person,
    trait := ['employees', 'plan', 'industry', 'seats', 'score'][number % 5 + 1],
    value := case
        when number % 5 in (1, 2)
            then '"' || ['free', 'pro', 'Finance', 'SaaS'][(hash(person, number) % 4)::bigint + 1] || '"'
        else (hash(person, number) % 200)::varchar
    end,
    value_kind := case when number % 5 in (1, 2) then 'VARCHAR' else 'UBIGINT' end,
    changed_at := timestamp '2026-01-01'
        + to_seconds((hash(number, person) % 8640000)::bigint)
        + to_days(case when number < 20 then 0 else 100 end),
    message_id := person || '-' || number
);

create or replace table trait_changes as
select unnest(change(person, number)), timestamp '2026-05-01' as received_at
from range(getvariable('persons')) as persons(person), range(20) as numbers(number);

create or replace table new_changes as
select unnest(change(person * 30, 20 + number)), timestamp '2026-08-01' as received_at
from range((getvariable('persons') / 30)::bigint) as persons(person), range(20) as numbers(number);

create or replace table persons as
select person_id, min(changed_at) as first_seen_at from trait_changes group by person_id;
