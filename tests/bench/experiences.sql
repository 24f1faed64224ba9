-- The tables after identity of the demo's `lift.yml`, as somebody writes them by hand for this one
-- company: `night` is the warehouse, from which it takes staged messages, owners of identifiers and
-- what segments say. Without statistics: it ends with the sums that they are computed from.
create table views as
select views.*, coalesce(users.person_id, devices.person_id) as person_id
from (
    select
        message_id, source, user_id, anonymous_id, received_at,
        case
            when given_at > received_at + interval 5 minute then received_at
            else coalesce(given_at, received_at - (sent_at - original_at), received_at)
        end as occurred_at,
        properties ->> '$.experience' as experience,
        properties ->> '$.audienceSegment' as audience_segment,
        properties ->> '$.variation' as variation,
        case properties ->> '$.personalized'
            when 'true' then 'personalized' when 'false' then 'control'
        end as arm,
        context ->> '$.campaign.source' as campaign
    from night.raw.messages
    where event = 'Mutiny Experience Viewed'
        and reject_reason is null
        and not is_duplicate
        and not contains(context, '"personas"')
        and contains(context ->> '$.userAgent', 'bot') is not true
) as views
left join night.intermediate.int_identifier_owners as users
    on views.user_id = users.id_value and users.id_type = 'user_id'
left join night.intermediate.int_identifier_owners as devices
    on views.anonymous_id = devices.id_value
    and devices.id_type = 'anonymous_id'
    and (devices.owned_from is null or views.occurred_at >= devices.owned_from)
    and (devices.owned_to is null or views.occurred_at < devices.owned_to)
where coalesce(users.person_id, devices.person_id) is not null;

create table fct_exposures as
select
    message_id, experience, audience_segment, arm, variation, person_id,
    occurred_at as exposed_at, received_at, source
from views
where experience is not null and audience_segment is not null and arm is not null;

create table rpt_incomplete_exposures as
select message_id, occurred_at as exposed_at, source
from views
where experience is null or audience_segment is null or arm is null;

create table deliveries as
select made.*, coalesce(users.person_id, devices.person_id) as person_id
from (
    select
        message_id, source, user_id, anonymous_id, received_at,
        case
            when given_at > received_at + interval 5 minute then received_at
            else coalesce(given_at, received_at - (sent_at - original_at), received_at)
        end as occurred_at,
        case event
            when 'Signed Up' then 'signup' when 'Demo Requested' then 'demo_request' else 'order'
        end as conversion,
        event = 'Order Refunded' as is_refund,
        case when event like 'Order %'
            then (properties ->> '$.revenue')::decimal(18, 4) * if(event = 'Order Refunded', -1, 1)
        end as value,
        case when event like 'Order %' then properties ->> '$.currency' end as currency,
        coalesce(if(event like 'Order %', properties ->> '$.order_id', null), message_id)
            as counted_by,
        coalesce((context -> '$.consent.categoryPreferences.Advertising') = 'true', true)
        and coalesce(
            (integrations -> '$.Mutiny'), (integrations -> '$.All'), 'true'
        ) <> 'false' as is_received
    from night.raw.messages
    where event in ('Signed Up', 'Order Completed', 'Order Refunded', 'Demo Requested')
        and reject_reason is null
        and not is_duplicate
        and not contains(context, '"personas"')
        and contains(context ->> '$.userAgent', 'bot') is not true
) as made
left join night.intermediate.int_identifier_owners as users
    on made.user_id = users.id_value and users.id_type = 'user_id'
left join night.intermediate.int_identifier_owners as devices
    on made.anonymous_id = devices.id_value
    and devices.id_type = 'anonymous_id'
    and (devices.owned_from is null or made.occurred_at >= devices.owned_from)
    and (devices.owned_to is null or made.occurred_at < devices.owned_to)
where coalesce(users.person_id, devices.person_id) is not null;

create table fct_conversions as
select conversion, message_id, person_id, occurred_at as converted_at, value, currency, source
from deliveries
where not is_refund
qualify row_number() over (
    partition by conversion, counted_by order by occurred_at, received_at, message_id
) = 1;

create table received as
select * from deliveries
where is_received
qualify is_refund or row_number() over (
    partition by conversion, is_refund, counted_by order by occurred_at, received_at, message_id
) = 1;

create table fct_assignments as
select
    experience, audience_segment, person_id,
    arg_min(arm, view) as arm,
    arg_min(campaign, view) as campaign,
    min(view) as first_view,
    min(occurred_at) as first_exposed_at,
    max(occurred_at) as last_exposed_at,
    count(*) as impressions,
    count(distinct arm) > 1 as is_crossover
from (
    select
        experience, unnest([audience_segment, '(all)']) as audience_segment, person_id, arm,
        campaign, occurred_at, row(occurred_at, received_at, message_id) as view
    from views
    where experience is not null and audience_segment is not null and arm is not null
)
group by experience, audience_segment, person_id;

create table unit_conversions as
select
    units.experience, units.audience_segment, units.person_id, units.arm,
    received.conversion, received.occurred_at, received.is_refund, received.value,
    received.occurred_at < units.first_exposed_at as is_before
from fct_assignments as units
inner join received
    on units.person_id = received.person_id
    and received.occurred_at >= units.first_exposed_at - interval 14 day
    and received.occurred_at < units.first_exposed_at + interval 7 day;

create table unit_outcomes as
select
    units.experience, units.audience_segment, units.person_id, units.arm, units.first_exposed_at,
    units.first_exposed_at::date as cohort_day, configured.conversion,
    count(made.occurred_at) filter (where not is_before and not is_refund) as conversions,
    count(made.value) filter (where not is_before and not is_refund) as valued_conversions,
    coalesce(sum(made.value) filter (where not is_before), 0) as value,
    count(made.occurred_at) filter (where is_before and not is_refund) as pre_conversions,
    coalesce(sum(made.value) filter (where is_before), 0) as pre_value
from fct_assignments as units
cross join (values ('signup'), ('order'), ('demo_request')) as configured (conversion)
left join unit_conversions as made
    on units.experience = made.experience
    and units.audience_segment = made.audience_segment
    and units.person_id = made.person_id
    and configured.conversion = made.conversion
group by all;

create table unit_breakdowns as
with plans as (
    select
        units.experience, units.audience_segment, units.person_id,
        arg_max(changes.value, changes.changed_at) as plan
    from fct_assignments as units
    inner join night.intermediate.int_trait_changes as changes
        on units.person_id = changes.person_id
        and changes.trait = 'plan'
        and changes.changed_at <= units.first_exposed_at
    group by all
), small_companies as (
    select distinct units.experience, units.audience_segment, units.person_id
    from fct_assignments as units
    inner join night.intermediate.int_rule_memberships as memberships
        on units.person_id = memberships.person_id
        and memberships.user_segment = 'small_company'
        and units.first_exposed_at >= memberships.member_from
        and (memberships.member_to is null or units.first_exposed_at < memberships.member_to)
)
select
    units.experience, units.audience_segment, units.person_id,
    coalesce(units.campaign, '(none)') as campaign,
    coalesce(plans.plan, '(none)') as plan,
    small_companies.person_id is not null as is_small_company,
    activity.first_seen_at::date = units.first_exposed_at::date as is_new
from fct_assignments as units
left join plans using (experience, audience_segment, person_id)
left join small_companies using (experience, audience_segment, person_id)
left join night.intermediate.int_person_activity as activity
    on units.person_id = activity.person_id;

create table fct_experience_cube as
select
    experience, audience_segment, arm, cohort_day, conversion,
    campaign, plan, is_small_company, is_new,
    count(*) as visitors,
    count(*) filter (where conversions > 0) as converters,
    sum(conversions) as conversions,
    sum(conversions * conversions) as conversions_sum_squares,
    sum(valued_conversions) as valued_conversions,
    sum(valued_conversions * valued_conversions) as valued_conversions_sum_squares,
    sum(value) as value_sum,
    sum(value * value) as value_sum_squares,
    sum(value * conversions) as value_conversions_sum,
    sum(value * valued_conversions) as value_valued_conversions_sum,
    count(*) filter (where pre_conversions > 0) as pre_converters,
    sum(pre_conversions) as pre_sum,
    sum(pre_conversions * pre_conversions) as pre_sum_squares,
    sum(pre_conversions * conversions) as pre_conversions_sum,
    sum(pre_value) as pre_value_sum,
    sum(pre_value * pre_value) as pre_value_sum_squares,
    sum(pre_value * value) as pre_value_value_sum
from unit_outcomes
inner join unit_breakdowns using (experience, audience_segment, person_id)
group by all;

create table daily_sums as
with states as (
    select
        *,
        sum(made) over days as made_after,
        sum(value) over days as value_after
    from (
        select
            experience, audience_segment, arm, person_id, conversion, occurred_at::date as day,
            count(*) filter (where not is_refund) as made,
            coalesce(sum(value), 0) as value
        from unit_conversions
        where not is_before
        group by all
    )
    window days as (
        partition by experience, audience_segment, person_id, conversion order by day
    )
), changes as (
    select
        experience, audience_segment, arm, conversion, cohort_day as day,
        1 as visitors, 0 as converters, 0 as conversions, 0 as conversions_sum_squares,
        0 as value_sum, 0 as value_sum_squares
    from unit_outcomes
    union all
    select
        experience, audience_segment, arm, conversion, day,
        0,
        (made_after > 0)::integer - (made_after - made > 0)::integer,
        made,
        made_after * made_after - (made_after - made) * (made_after - made),
        value,
        value_after * value_after - (value_after - value) * (value_after - value)
    from states
)
select
    experience, audience_segment, arm, conversion, day,
    sum(sum(visitors)) over days as visitors,
    sum(sum(converters)) over days as converters,
    sum(sum(conversions)) over days as conversions,
    sum(sum(conversions_sum_squares)) over days as conversions_sum_squares,
    sum(sum(value_sum)) over days as value_sum,
    sum(sum(value_sum_squares)) over days as value_sum_squares
from changes
group by experience, audience_segment, arm, conversion, day
window days as (partition by experience, audience_segment, arm, conversion order by day);

create table matured_sums as
select
    experience, audience_segment, arm, conversion,
    (first_exposed_at + interval 7 day)::date as day,
    count(*) as visitors,
    sum(conversions) as conversions,
    sum(conversions * conversions) as conversions_sum_squares,
    sum(value) as value_sum,
    sum(value * value) as value_sum_squares
from unit_outcomes
group by all;

create table paths as
select
    received.conversion, received.message_id, received.value,
    views.experience, views.audience_segment,
    min(row(views.occurred_at, views.received_at, views.message_id)) as first_view,
    max(row(views.occurred_at, views.received_at, views.message_id)) as last_view
from received
inner join views
    on received.person_id = views.person_id
    and views.arm = 'personalized'
    and views.experience is not null
    and views.audience_segment is not null
    and received.occurred_at >= views.occurred_at
    and received.occurred_at < views.occurred_at + interval 7 day
where not received.is_refund
group by all;

create table fct_attributions as
with places as (
    select
        *,
        row_number() over (
            partition by conversion, message_id order by first_view
        ) = 1 as is_first,
        row_number() over (
            partition by conversion, message_id order by last_view desc
        ) = 1 as is_last,
        count(*) over (partition by conversion, message_id) as places
    from paths
)
select *, 'first' as model, 1.0 as weight from places where is_first
union all
select *, 'last' as model, 1.0 as weight from places where is_last
union all
select *, 'linear' as model, 1.0 / places as weight from places
union all
select *, 'any' as model, 1.0 as weight from places;

create table rpt_unattributed_conversions as
select
    received.conversion, received.message_id, received.occurred_at,
    max(views.occurred_at) filter (
        where views.occurred_at <= received.occurred_at
    ) as last_view_at,
    min(views.occurred_at) filter (
        where views.occurred_at > received.occurred_at
    ) as next_view_at
from received
anti join paths using (conversion, message_id)
left join views on received.person_id = views.person_id and views.arm = 'personalized'
where not received.is_refund
group by all;

create table rpt_experience_history as
select
    experience, audience_segment, date_trunc('week', exposed_at) as week,
    count(distinct person_id) as visitors,
    count(distinct person_id) filter (where arm = 'personalized') as personalized_visitors,
    count(*) as impressions
from fct_exposures
group by all;

create table dim_experiences as
select
    experience, audience_segment,
    min(first_exposed_at) as first_seen_at,
    max(last_exposed_at) as last_seen_at,
    sum(impressions) as impressions,
    count(*) as visitors,
    count(*) filter (where is_crossover) as crossover_visitors
from fct_assignments
group by all;
