-- One row per trait that dynamic text can use.
with texts as (

    select
        trait,
        value_type,
        {{ json_comparable('value::varchar', 'json_type(value)') }} as value
    from {{ ref('dim_person_traits') }}
    -- What is written between the words of a page is one value.
    where value_type in ('string', 'number', 'boolean')

),

counted as (

    select
        trait,
        value,
        max(length(case when value_type = 'string' then value ->> '$' else value end))
            as text_length,
        count(*) as persons
    from texts
    group by trait, value

),

traits as (

    select
        trait,
        sum(persons)::bigint as persons,
        max(text_length) as max_length
    from counted
    group by trait

),

commonest as (

    select *
    from counted
    qualify
        row_number() over (
            partition by trait order by persons desc, value asc
        ) <= 5

),

listed as (

    select
        trait,
        {{ top_values('value', 'persons') }} as top_values
    from commonest
    group by trait

),

everybody as (

    select count(*) as persons
    from {{ ref('dim_persons') }}

)

select
    traits.trait,
    traits.persons,
    traits.persons / everybody.persons as fill_rate,
    {{ as_json('listed.top_values') }} as top_values,
    traits.max_length
from traits
cross join everybody
inner join listed on traits.trait = listed.trait
