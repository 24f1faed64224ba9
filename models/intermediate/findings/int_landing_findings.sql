-- One row per finding about the messages as they were sent or exported.
with messages as (

    select
        messages.source,
        messages.timestamp_quality,
        messages.unsound_objects,
        messages.repairs,
        messages.is_reused,
        messages.is_flattened,
        messages.received_at > builds.started_at as is_received_later
    from {{ ref('stg_segment__messages') }} as messages
    cross join {{ ref('stg_job__builds') }} as builds

),

mended as (

    select
        source,
        unnest(string_split(repairs, ',')) as repair
    from messages
    where repairs is not null

)

select
    'object_unsound' as check_name,
    'warning' as severity,
    source as subject,
    'properties, traits, context or integrations that are no JSON object; read as {}'
        as detail,
    count(*) as finding_count
from messages
where unsound_objects is not null
group by all
union all
select
    'timestamp_out_of_range' as check_name,
    'warning' as severity,
    source as subject,
    'times before the year 1 or after the year 9999; read as the nearer bound'
        as detail,
    count(*) as finding_count
from mended
where repair = 'time_out_of_range'
group by all
union all
select
    'json_' || repair as check_name,
    'warning' as severity,
    source as subject,
    case repair
        when 'not_a_number' then 'NaN or Infinity in a JSON object; read as null'
        when 'lone_surrogate' then 'half of a character in a JSON text; read as U+FFFD'
        when 'big_integer' then 'integers past 64 bits; kept exactly, as text'
        when 'long_number'
            then 'identifiers that a number would round; kept exactly, as text'
        when 'repeated_key' then 'a key twice in one JSON object; the last counts'
    end as detail,
    count(*) as finding_count
from mended
where repair <> 'time_out_of_range'
group by all
union all
select
    'timestamp_' || timestamp_quality as check_name,
    'info' as severity,
    source as subject,
    case timestamp_quality
        when 'future' then 'timestamps later than their receipt; the receipt was taken'
        else
            'timestamps that are no date-time or before 2000; the receipt was taken'
    end as detail,
    count(*) as finding_count
from messages
where timestamp_quality in ('future', 'unparsable')
group by all
union all
select
    'received_in_future' as check_name,
    'warning' as severity,
    source as subject,
    'messages that claim to be received later than this run began; they count, but move'
    || ' no date that figures are given for'
        as detail,
    count(*) as finding_count
from messages
where is_received_later
group by all
union all
select
    'message_id_reused' as check_name,
    'warning' as severity,
    source as subject,
    'ids of copies that differ in more than their times; of each only the copy received'
    || ' first counts'
        as detail,
    count(*) as finding_count
from messages
where is_reused
group by all
union all
select
    'source_flattened' as check_name,
    'info' as severity,
    source as subject,
    'messages known from a data lake alone, which has lost the case of keys and the'
    || ' nesting of objects: keys are matched by their snake_case, and those that'
    || ' lift.yml does not name stay flat'
        as detail,
    count(*) as finding_count
from messages
where is_flattened
group by all
union all
select
    'event_name_from_path' as check_name,
    'warning' as severity,
    event_table as subject,
    'an event table of a data lake without event names, and nothing else has a name'
    || ' with this snake_case: the table is taken for the name; name the event in a'
    || ' trigger or under naming.aliases'
        as detail,
    message_count as finding_count
from {{ ref('stg_segment__event_tables') }}
where event is null
