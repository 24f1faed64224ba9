-- One row per shared identifier and instant at which messages carry it, with its owner
-- at that instant. Only what changes hands is in here.
with owners as (

    select
        id_type,
        id_value,
        person_id,
        -- Nothing happens before it.
        coalesce(owned_from, timestamp '0001-01-01') as owned_from
    from {{ ref('int_identifier_owners') }}
    where owned_from is not null or owned_to is not null

),

identifiers as (

    select
        id_type,
        id_value
    from owners
    group by id_type, id_value

),

carried as (

    {% for column, id_type in [
        ('anonymous_id', 'anonymous_id'),
        ('mutiny_visitor_id', 'mutiny_visitor_id'),
        ('previous_id', 'anonymous_id'),
    ] -%}
    select
        sets.set_key,
        identifiers.id_type,
        identifiers.id_value
    from {{ ref('int_identifier_sets') }} as sets
    inner join identifiers
        on sets.{{ column }} = identifiers.id_value
        and identifiers.id_type = '{{ id_type }}'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

moments as (

    select
        carried.id_type,
        carried.id_value,
        messages.occurred_at
    from carried
    inner join {{ ref('int_messages_identified') }} as messages
        on carried.set_key = messages.set_key
    group by carried.id_type, carried.id_value, messages.occurred_at

)

-- Intervals leave no gap: the last one that has begun is that of the moment.
select
    moments.id_type,
    moments.id_value,
    moments.occurred_at,
    owners.person_id
from moments
asof inner join owners
    on moments.id_type = owners.id_type
    and moments.id_value = owners.id_value
    and moments.occurred_at >= owners.owned_from
