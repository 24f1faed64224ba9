{{ config(
    materialized='incremental',
    unique_key='device_key',
    affected='int_affected_devices',
    delta=true,
) }}
-- One row per device and interval of ownership: who logs in next owns what came before
-- the login.
with logins as (

    select *
    from {{ ref('int_shared_device_messages') }}
    where person_key is not null
    {% if is_incremental() %}
        and device_key in (select device_key from {{ ref('int_affected_devices') }})
    {% endif %}

),

compared as (

    select
        *,
        (person_key is distinct from lag(person_key) over (
            partition by device_key order by occurred_at, received_at, message_id
        )) as starts_run
    from logins

),

numbered as (

    select
        *,
        count(*) filter (where starts_run) over (
            partition by device_key
            order by occurred_at, received_at, message_id
            rows between unbounded preceding and current row
        ) as run
    from compared

),

runs as (

    select
        device_key,
        person_key,
        run,
        {{ next_instant('max(occurred_at)') }} as cut_at
    from numbered
    group by device_key, person_key, run

),

cut as (

    select
        device_key,
        person_key,
        run,
        lag(cut_at) over (partition by device_key order by run) as owned_from,
        case
            when row_number() over (partition by device_key order by run desc) > 1
                then cut_at
        end as owned_to
    from runs

),

-- A run whose logins all happened at the instant another run ended owns nothing; nor
-- does one after the end of time.
kept as (

    select *
    from cut
    where run = 1
        or (owned_from is not null and (owned_to is null or owned_from < owned_to))

),

joined as (

    select
        *,
        (person_key is distinct from lag(person_key) over (
            partition by device_key order by run
        )) as starts_interval
    from kept

),

intervals as (

    select
        *,
        count(*) filter (where starts_interval) over (
            partition by device_key
            order by run
            rows between unbounded preceding and current row
        ) as interval_number
    from joined

),

shared as (

    select
        device_key,
        person_key,
        arg_min(struct_pack(at := owned_from), run).at as owned_from,
        arg_max(struct_pack(at := owned_to), run).at as owned_to
    from intervals
    group by device_key, person_key, interval_number

),

unshared as (

    select
        device_key,
        -- A device nobody logged in on is a person of its own.
        coalesce(min(person_key), device_key) as person_key,
        null::timestamp as owned_from,
        null::timestamp as owned_to
    from {{ ref('int_combination_components') }}
    where device_key is not null
        and device_key not in (select runs.device_key from runs)
    {% if is_incremental() %}
        and device_key in (select device_key from {{ ref('int_affected_devices') }})
    {% endif %}
    group by device_key

)

select * from shared
union all
select * from unshared
