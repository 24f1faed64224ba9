-- One row per source, call (identify, group) and trait.
with account_traits as (

    select
        messages.account_id,
        messages.source,
        members.key as trait,
        {{ json_comparable('members.value::varchar', 'members.type') }} as value,
        {{ json_type_name('members.type') }} as value_type,
        min(messages.occurred_at) as first_seen_at,
        max(messages.occurred_at) as last_seen_at
    from {{ ref('int_resolved_account_messages') }} as messages
    cross join lateral json_each(messages.account_traits) as members
    -- A removal is not a value.
    where members.type <> 'NULL'
    group by all

),

told as (

    select
        * rename (person_id as holder_id),
        'identify' as call
    from {{ ref('int_observed_traits') }}
    union all by name
    select
        * rename (account_id as holder_id),
        'group' as call
    from account_traits

),

holders as (

    select
        source,
        call,
        count(distinct holder_id) as holders
    from told
    group by source, call

),

traits as (

    select
        source,
        call,
        trait,
        list_sort(list(distinct value_type)) as value_types,
        count(distinct holder_id) as persons,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from told
    group by source, call, trait

),

commonest as (

    -- A holder has a row per value.
    select
        source,
        call,
        trait,
        value,
        count(*) as persons
    from told
    group by source, call, trait, value
    qualify
        row_number() over (
            partition by source, call, trait order by persons desc, value asc
        ) <= 5

),

listed as (

    select
        source,
        call,
        trait,
        {{ top_values('value', 'persons') }} as top_values
    from commonest
    group by source, call, trait

)

select
    traits.source,
    traits.call,
    traits.trait,
    traits.value_types,
    traits.persons,
    traits.persons / holders.holders as fill_rate,
    {{ as_json('listed.top_values') }} as top_values,
    sources.is_connected,
    traits.first_seen_at,
    traits.last_seen_at
from traits
inner join holders
    on traits.source = holders.source and traits.call = holders.call
inner join {{ ref('int_sources') }} as sources on traits.source = sources.source
inner join listed
    on traits.source = listed.source
    and traits.call = listed.call
    and traits.trait = listed.trait
