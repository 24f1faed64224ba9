-- One row per finding about what Split makes of messages.
with deliveries as (

    select * from {{ ref('int_split_deliveries') }}

),

designations as (

    select * from {{ ref('int_split_designations') }}

),

track_calls as (

    select
        sum(messages) filter (where drop_reason = 'event_type_id_missing') as unnamed,
        sum(messages) filter (
            where drop_reason is null or drop_reason = 'event_type_id_invalid'
        ) as named
    from {{ ref('int_delivery_counts') }}
    where destination = 'split' and type = 'track'

),

unknown as (

    select
        designations.file_id,
        designations.row_number,
        unnest(list_distinct(designations.unknown_types)) as traffic_type
    from designations
    inner join deliveries
        on designations.file_id = deliveries.file_id
        and designations.row_number = deliveries.row_number
    -- Split would have taken the message.
    where deliveries.drop_reason is null
        or deliveries.drop_reason = 'traffic_type_missing'

)

select
    'event_type_id_unmatched' as check_name,
    'warning' as severity,
    'split' as subject,
    'track calls, none of which has a value at destinations.split.event_type_id;'
    || ' Split drops them all' as detail,
    unnamed::bigint as finding_count
from track_calls
where unnamed > 0 and named is null
union all
select
    'unknown_traffic_type' as check_name,
    'warning' as severity,
    traffic_type as subject,
    'calls name an id of this traffic type under split,'
    || ' but destinations.split.unit does not have the type; Split ignores the id'
        as detail,
    count(*) as finding_count
from unknown
group by traffic_type
