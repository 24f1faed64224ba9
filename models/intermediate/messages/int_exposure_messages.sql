{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per exposure message, complete or not, vendor and type of unit that an entry
-- of the vendor asks for, with what its breakdowns follow from. Excluded messages are
-- kept with their flag: a vendor counts them (int_bridge_views).
with matches as (

    select *
    from {{ ref('int_trigger_matches') }}
    where (is_behaviour or is_excluded)
    {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

),

triggers as (

    select * from {{ source('raw', 'config_triggers') }}
    where kind = 'exposure'

),

entries as (

    select * from {{ source('raw', 'config_exposure_entries') }}

),

sources as (

    select * from {{ source('raw', 'config_sources') }}

),

baselines as (

    select * from {{ source('raw', 'config_split_baselines') }}

),

views as (

    -- Of the entries of one vendor the first that matches counts: by its trigger and
    -- its sources here, by its unit once it is known who sent the message. A message
    -- that only the sources rule out is kept, unexpected, for the finding.
    select
        matches.*,
        entries.entry,
        entries.adapter,
        entries.vendor,
        entries.unit_type,
        entries.control_variants,
        coalesce(list_contains(triggers.sources, matches.source), true)
            as is_expected_source
    from matches
    inner join triggers on matches.trigger_number = triggers.trigger_number
    inner join entries on triggers.entry = entries.entry
    left join sources on matches.source = sources.source
    -- Split's own treatment `control` says that the SDK was not ready, and a source may
    -- be one of another environment.
    where entries.adapter <> 'split'
        or (
            matches.variants[1] is distinct from 'control'
            and coalesce(matches.environment = sources.environment, true)
        )
    qualify
        row_number() over (
            partition by matches.message_id, entries.vendor, entries.unit_type
            order by is_expected_source desc, entries.entry asc
        ) = 1

),

named as (

    select
        views.* exclude (variants),  -- noqa: RF02
        -- Mutiny sends a boolean; "true" and "false" count, with a finding. Nothing
        -- else is an arm.
        case
            when views.adapter <> 'mutiny'
                then list_filter(
                        views.variants, lambda variant: variant is not null  -- noqa: LT05,RF02
                    )[1]
            when views.variants[1] = 'true' then 'personalized'
            when views.variants[1] = 'false' then 'control'
        end as variant,
        case views.adapter
            when 'mutiny' then views.variants[1] = 'false'
            when 'split'
                then views.variants[1] = coalesce(own.treatment, others.treatment)
            else list_has_any(views.variants, views.control_variants)
        end as is_control,
        views.adapter = 'mutiny' and coalesce(views.value_kind = 'VARCHAR', false)
            as is_boolean_as_string
    from views
    left join baselines as own
        on views.entry = own.entry and views.experience = own.experience
    left join baselines as others
        on views.entry = others.entry and others.experience = '*'

)

select
    file_id,
    message_id,
    vendor,
    entry,
    unit_type,
    experience,
    audience_segment,
    variant,
    case
        when variant is not null
            then case when is_control then 'control' else 'personalized' end
    end as arm,
    variation,
    is_boolean_as_string,
    case
        when experience is null then 'missing_experience'
        when adapter = 'mutiny' and audience_segment is null
            then 'missing_audience_segment'
        when adapter = 'mutiny' and variant is null then 'unknown_personalized'
        when variant is null then 'missing_variant'
        -- These stand for something else in published tables.
        when list_has_any(
                [experience, audience_segment, variant], ['(all)', '(none)', '(other)']
            ) then 'reserved_name'
    end as incomplete_reason,
    is_expected_source,
    is_excluded,
    source,
    type,
    event_name,
    name,
    channel,
    group_id,
    occurred_at,
    received_at,
    user_id,
    anonymous_id,
    properties,
    context,
    integrations
from named
