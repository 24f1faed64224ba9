{{ config(
    materialized='incremental',
    unique_key=['pooled_study_id', 'as_of_date'],
    affected='int_looks'
) }}
-- One row per study, conversion, metric, variant and day on which any row of the
-- experience and period differs from the day before, and what the running figures have
-- come to.
-- depends_on: {{ ref('int_looks') }}
with

lifts as (select * from {{ ref('int_lifts') }} where as_of_date <> {{ last_look() }}),

looks as (

    select
        *,
        true as is_of_this_build
    from lifts
    {%- if is_incremental() %}
    union all
    -- The look before the first of this build, which that is compared with.
    select
        previous.*,
        false as is_of_this_build
    from {{ this }} as previous
    inner join (
        select pooled_study_id, min(as_of_date) as first_look
        from {{ ref('int_looks') }}
        group by all
    ) as first_looks
        on previous.pooled_study_id = first_looks.pooled_study_id
        and previous.as_of_date < first_looks.first_look
    qualify
        previous.as_of_date
        = max(previous.as_of_date) over (partition by previous.pooled_study_id)
    {%- endif %}

),

numbered as (

    select
        *,
        dense_rank() over (
            partition by pooled_study_id order by as_of_date
        ) as look_number
    from looks

),

-- Rows that the look before does not have alike.
differences as (

    select * exclude (as_of_date, is_of_this_build) from numbered
    except
    select
        * exclude (as_of_date, is_of_this_build, look_number),
        look_number + 1 as look_number
    from numbered

),

final as (

    select * exclude (is_of_this_build, look_number)
    from numbered
    where is_of_this_build
        and (pooled_study_id, look_number) in (
            select differences.pooled_study_id, differences.look_number
            from differences
        )

)

select * from final
