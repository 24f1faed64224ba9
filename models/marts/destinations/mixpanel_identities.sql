-- One row per call that tells Mixpanel of two ids of one user.
select
    message_id,
    kind,
    identified_id,
    anonymous_id,
    occurred_at
from {{ ref('int_mixpanel_identities') }}
where kind <> 'event'
