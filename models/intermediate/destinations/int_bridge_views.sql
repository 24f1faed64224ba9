-- One row per vendor that is set up, kind of unit, unit, experience, audience segment
-- (with (all)), variant and what decides whether a view counts: the first such view.
-- Views are few words each; steps of the bridge read these rows and no message.
with

rules as (

    select vendor, unit_kind from {{ ref('int_bridge_rules') }}
    group by all

),

views as (select * from {{ ref('int_bridge_messages') }}),

segmented as (

    select *, audience_segment as counted_segment
    from views
    where audience_segment is not null
    union all
    select *, '(all)' as counted_segment
    from views

),

final as (

    select
        segmented.vendor,
        rules.unit_kind,
        segmented.unit_type,
        case rules.unit_kind
            when 'device' then segmented.device_id
            when 'person' then segmented.person_id
            else segmented.unit_id
        end as unit_id,
        -- Whose first unit this may be.
        case when rules.unit_kind = 'configured' then segmented.person_id end
            as person_id,
        segmented.experience,
        segmented.counted_segment as audience_segment,
        segmented.variant,
        segmented.period,
        segmented.is_in_period,
        segmented.is_excluded,
        segmented.is_received,
        min(segmented.sent_arm) as sent_arm,
        min(segmented.view) as first_view
    from segmented
    inner join rules on segmented.vendor = rules.vendor
    group by all

)

select
    final.vendor,
    final.unit_kind,
    final.unit_type,
    final.unit_id,
    final.person_id,
    final.experience,
    final.audience_segment,
    final.variant,
    final.period,
    final.is_in_period,
    final.is_excluded,
    final.is_received,
    final.first_view,
    -- Of the two texts control is the smaller.
    coalesce(arms.arm, min(final.sent_arm) over (
        partition by final.vendor, final.experience, final.variant
    )) as arm
from final
left join {{ ref('int_variant_arms') }} as arms
    on final.vendor = arms.vendor
    and final.experience = arms.experience
    and final.variant = arms.variant
where final.unit_id is not null
