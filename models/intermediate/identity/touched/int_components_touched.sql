-- One row per identifier whose component is found anew: those touched, and all that
-- shared a component with one of them.
with touched as (

    select node from {{ ref('int_component_nodes_touched') }}

),

held as not materialized (

    select
        node,
        component
    from {{ held_before(
        'int_identifier_components', {'node': 'uuid', 'component': 'uuid'}
    ) }} as components

),

opened as (

    select held.component
    from held
    inner join touched on held.node = touched.node

)

select node from touched
union
select node
from held
where component in (select opened.component from opened)
