-- One row per experience, audience segment (with (all)) and conversion that
-- personalized views of Mutiny came before, within seven days: the value credited to
-- the first of them, to the last and to any, and whether it is in several currencies.
with

conversions as (

    select * from {{ ref('int_bridge_conversions') }}
    where vendor = 'mutiny' and counting = 'own' and not is_refund

),

views as (

    -- Of views at one instant the order of messages decides.
    select
        exposures.person_id,
        exposures.experience,
        coalesce(aliases.canonical_name, exposures.audience_segment, '(all)')
            as audience_segment,
        exposures.occurred_at,
        min({{ message_order('exposures') }}) as first_view,
        max({{ message_order('exposures') }}) as last_view
    from {{ ref('int_exposures') }} as exposures
    left join {{ source('raw', 'config_segment_aliases') }} as aliases
        on exposures.audience_segment = aliases.audience_segment
    where exposures.vendor = 'mutiny'
        and exposures.arm = 'personalized'
        and exposures.person_id in (select conversions.person_id from conversions)
    group by all

),

places as (

    select person_id, experience, audience_segment
    from views
    group by all

),

candidates as (

    select
        conversions.conversion,
        conversions.message_id,
        conversions.occurred_at,
        conversions.occurred_at - interval 7 day as opens_at,
        conversions.value_units,
        conversions.currency,
        places.*
    from conversions
    inner join places on conversions.person_id = places.person_id

),

-- A view at the very start of the seven days lies outside, one at their end inside.
viewed as (

    select
        candidates.*,
        views.first_view
    from candidates
    asof inner join views
        on candidates.person_id = views.person_id
        and candidates.experience = views.experience
        and candidates.audience_segment = views.audience_segment
        and candidates.opens_at < views.occurred_at

),

paths as (

    select
        viewed.*,
        views.last_view,
        min(viewed.first_view) over of_conversion as first_of_all,
        max(views.last_view) over of_conversion as last_of_all
    from viewed
    asof inner join views
        on viewed.person_id = views.person_id
        and viewed.experience = views.experience
        and viewed.audience_segment = views.audience_segment
        and viewed.occurred_at >= views.occurred_at
    where viewed.first_view.occurred_at <= viewed.occurred_at
    window of_conversion as (
        partition by viewed.conversion, viewed.message_id
    )

),

credits as (

    select
        experience, audience_segment, conversion, message_id, value_units, currency,
        first_view = first_of_all as is_first,
        last_view = last_of_all as is_last
    from paths
    where audience_segment <> '(all)'
    union all
    select
        experience, '(all)' as audience_segment, conversion, message_id, value_units,
        currency,
        bool_or(first_view = first_of_all) as is_first,
        bool_or(last_view = last_of_all) as is_last
    from paths
    group by all

),

mixed as (

    select experience, conversion
    from credits
    where currency is not null
    group by all
    having count(distinct currency) > 1

)

select
    credits.experience,
    credits.audience_segment,
    credits.conversion,
    mixed.experience is not null as is_mixed,
    {{ exact('coalesce(sum(credits.value_units) filter (where credits.is_first), 0)') }}
        as value_first,
    {{ exact('coalesce(sum(credits.value_units) filter (where credits.is_last), 0)') }}
        as value_last,
    {{ exact('coalesce(sum(credits.value_units), 0)') }} as value_any
from credits
left join mixed
    on credits.experience = mixed.experience and credits.conversion = mixed.conversion
group by all
