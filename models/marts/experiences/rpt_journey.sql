{{ config(materialized='view', database=target.database) }}
-- One row per person and step of theirs, in order.
-- A view, in the publication too: no night pays for it, and no page is written twice.
-- In the warehouse: the publication may hold its events as a table or beside it.
with steps as (

    -- Of one message a page comes before what it shows, and a conversion last.
    select
        person_id,
        occurred_at,
        received_at,
        message_id,
        1 as place,
        'page' as kind,
        coalesce(name, page_url) as label,
        page_url as detail,
        source
    from {{ ref('fct_events') }}
    where type in ('page', 'screen') and is_behaviour and person_id is not null
    union all
    select
        person_id,
        exposed_at as occurred_at,
        received_at,
        message_id,
        2 as place,
        'exposure' as kind,
        experience as label,
        concat_ws(', ', audience_segment, variant) as detail,
        source
    from {{ ref('fct_exposures') }}
    union all
    select
        person_id,
        changed_at as occurred_at,
        received_at,
        message_id,
        3 as place,
        'trait' as kind,
        trait as label,
        value::varchar as detail,
        source
    from {{ ref('fct_trait_changes') }}
    union all
    select
        person_id,
        converted_at as occurred_at,
        received_at,
        message_id,
        4 as place,
        'conversion' as kind,
        conversion as label,
        case when value is not null then concat_ws(' ', value, currency) end as detail,
        source
    from {{ ref('fct_conversions') }}

)

select
    person_id,
    row_number() over (
        partition by person_id
        order by occurred_at, received_at, message_id, place, label, detail
    ) as seq,
    occurred_at,
    kind,
    label,
    detail,
    source,
    message_id
from steps
