{{ config(
    materialized='incremental',
    unique_key='combination_key',
    affected='int_combinations_to_resolve',
    delta=true,
) }}
-- One row per message with the person it belongs to and the units it carries, beside a
-- person: what is blocked is not a unit.
with combinations as (

    select *
    from {{ ref('int_identifier_combinations') }}
    {% if is_incremental() %}
    where combination_key in (
        select combination_key from {{ ref('int_combinations_to_resolve') }}
    )
    {% endif %}

),

owners as (

    select * from {{ ref('int_identifier_owners') }} where person_id is not null

),

messages as (

    select * from {{ ref('int_message_identifiers') }}

),

-- A strong identifier decides; without one, the owner of the device at the time of the
-- message does. An alias that is not behaviour shares the person of its previousId.
identifiers as (

    {% for column, id_type in [
        ('user_id', 'user_id'),
        ('previous_id', 'user_id'),
        ('email', 'email'),
        ('anonymous_id', 'anonymous_id'),
        ('mutiny_visitor_id', 'mutiny_visitor_id'),
        ('previous_id', 'anonymous_id'),
    ] -%}
    select
        combination_key,
        '{{ column }}' as written_as,
        {{ loop.index }} as place,
        '{{ id_type }}' as id_type,
        {{ column }} as id_value
    from combinations
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Intervals of ownership leave no gap: one of each identifier has no beginning.
owned as (

    select
        identifiers.*,
        case when owners.owned_to is null then owners.person_id end as person_id
    from identifiers
    inner join owners
        on identifiers.id_type = owners.id_type
        and identifiers.id_value = owners.id_value
        and owners.owned_from is null

),

deciding as (

    select
        combination_key,
        bool_or(written_as = 'user_id') as has_user,
        bool_or(written_as = 'anonymous_id') as has_device,
        arg_min(id_type, place) as id_type,
        arg_min(id_value, place) as id_value,
        arg_min(struct_pack(person_id := person_id), place).person_id as person_id
    from owned
    group by combination_key

),

carried as (

    select
        messages.message_id,
        messages.file_id,
        messages.combination_key,
        messages.occurred_at,
        messages.is_behaviour,
        case when deciding.has_user then messages.user_id end as user_id_unit,
        case when deciding.has_device then messages.anonymous_id end
            as anonymous_id_unit,
        messages.account_id as account_unit,
        deciding.id_type,
        deciding.id_value,
        deciding.person_id
    from messages
    inner join combinations
        on messages.combination_key = combinations.combination_key
    left join deciding on messages.combination_key = deciding.combination_key

),

owners_in_turn as (

    select
        id_type,
        id_value,
        person_id,
        -- Nothing happens before it.
        coalesce(owned_from, timestamp '0001-01-01') as owned_from
    from owners
    where owned_from is not null or owned_to is not null

),

of_one_owner as (

    select
        message_id,
        file_id,
        combination_key,
        occurred_at,
        is_behaviour,
        user_id_unit,
        anonymous_id_unit,
        account_unit,
        person_id
    from carried
    where person_id is not null or id_type is null

),

of_owners_in_turn as (

    select
        carried.message_id,
        carried.file_id,
        carried.combination_key,
        carried.occurred_at,
        carried.is_behaviour,
        carried.user_id_unit,
        carried.anonymous_id_unit,
        carried.account_unit,
        owners_in_turn.person_id
    from carried
    asof inner join owners_in_turn
        on carried.id_type = owners_in_turn.id_type
        and carried.id_value = owners_in_turn.id_value
        and carried.occurred_at >= owners_in_turn.owned_from
    where carried.person_id is null

)

select * from of_one_owner
union all
select * from of_owners_in_turn
