{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per person with at least one trait or audience, and the time of the first.
with observed as (

    select
        person_id,
        changed_at as observed_at
    from {{ ref('int_trait_changes') }}
    {% if is_incremental() %}
    where person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}
    union all
    select
        histories.person_id,
        observed.occurred_at
    from {{ ref('int_person_histories') }} as histories
    inner join {{ ref('int_audience_messages') }} as observed
        on histories.message_id = observed.message_id
    where not observed.is_removal
    {% if is_incremental() %}
        and person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}

)

select
    person_id,
    min(observed_at) as first_observed_at
from observed
group by person_id
