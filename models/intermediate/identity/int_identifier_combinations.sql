{{ config(
    materialized='incremental',
    unique_key='combination_key',
    affected='int_message_identifiers__delta',
) }}
-- One row per identifier combination, as messages carry it,
-- with the first and the last of those that are behaviour.
select
    combination_key,
    min(user_id) as user_id,
    min(anonymous_id) as anonymous_id,
    min(mutiny_visitor_id) as mutiny_visitor_id,
    min(email) as email,
    min(previous_id) as previous_id,
    count(*) filter (where is_behaviour) as message_count,
    min({{ message_order() }}) filter (where is_behaviour) as first_message,
    max({{ message_order() }}) filter (where is_behaviour) as last_message,
    bool_or(is_engage) as is_engage
from {{ ref('int_message_identifiers') }}
{% if is_incremental() %}
where combination_key in (
    select combination_key from {{ delta('int_message_identifiers') }}
)
{% endif %}
group by combination_key
