-- One row per name of a track call, but those of adapters and of Segment's
-- specification: whether it is an object and a past-tense verb in Title Case, and what
-- it could be.
with names as (

    select
        event_name,
        sum(messages)::bigint as messages
    from {{ ref('int_message_volumes') }}
    where type = 'track' and is_behaviour and adapter is null
        -- The specification's own that have no verb in the past tense.
        and event_name not in ('Video Content Playing', 'Video Ad Playing')
    group by event_name

),

verbs as (

    select * from {{ ref('event_verbs') }}

),

past_tenses as (

    select list(lower(past_tense)) as words from verbs

),

split_names as (

    -- form_submit, formSubmit and form-submit are two words.
    select
        *,
        list_filter(
            string_split(
                regexp_replace(
                    regexp_replace(event_name, '([a-z0-9])([A-Z])', '\1 \2', 'g'),
                    '[^\pL\pN]+', ' ', 'g'
                ),
                ' '
            ),
            lambda word: word <> ''
        ) as words
    from names

),

titled as (

    -- Short words in capitals are acronyms.
    select
        *,
        list_transform(words, lambda word: lower(word)) as lower_words,
        list_transform(words, lambda word: case
            when word = upper(word) and length(word) <= 4 then word
            else upper(word[1]) || lower(word[2:])
        end) as title_words
    from split_names

),

checked as (

    select
        titled.*,
        list_has_any(titled.lower_words, past_tenses.words)
        or regexp_matches(array_to_string(titled.lower_words, ' '), '[a-z][a-z]ed( |$)')
            as has_past_tense,
        regexp_full_match(
            titled.event_name,
            '([A-Z]+[a-z0-9]*|[0-9]+)'
            || '( ([A-Z]+[a-z0-9]*|[0-9]+'
            || '|an?|and|as|by|for|from|in|of|on|or|the|to|with))*'
        ) as is_title_case,
        length(titled.event_name) < 3
        or regexp_replace(lower(titled.event_name), '[^a-z]', '', 'g') in (
            'action', 'button', 'click', 'custom', 'customevent', 'event', 'page',
            'test', 'track', 'trackevent'
        ) as is_vague,
        coalesce(last_verbs.past_tense, first_verbs.past_tense) as past_tense,
        last_verbs.past_tense is not null as is_last
    from titled
    cross join past_tenses
    left join verbs as last_verbs on titled.lower_words[-1] = last_verbs.verb
    left join verbs as first_verbs on titled.lower_words[1] = first_verbs.verb

)

select
    event_name,
    messages,
    is_vague,
    not has_past_tense or not is_title_case as is_unstyled,
    case
        when has_past_tense then array_to_string(title_words, ' ')
        when is_last and array_length(words) > 1
            then array_to_string(title_words[:-2], ' ') || ' ' || past_tense
        when past_tense is not null and array_length(words) > 1
            then array_to_string(title_words[2:], ' ') || ' ' || past_tense
    end as suggestion
from checked
