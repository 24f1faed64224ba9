with effects as (

    select * from {{ ref('int_experience_effects_accumulated_daily') }}

),

sample_ratios as (

    select * from {{ ref('int_sample_ratios_tested_daily') }}

),

arm_shares as (

    select * from {{ ref('int_arm_shares_compared_daily') }}

),

tested as (

    select
        effects.*,
        sample_ratios.srm_p_value,
        effects.running_p_value < {{ statistics_setting('alpha') }} as is_significant,
        coalesce(sample_ratios.is_split_mismatched, false)
        -- Pooling segments whose arms differ in share would mislead, split or no split.
        or coalesce(arm_shares.is_share_mismatched, false) as is_mismatched,
        -- One unit says nothing about variance; it is too few, not constant.
        effects.control_visitors > 1
        and effects.variant_visitors > 1
        and coalesce(effects.control_variance, 0) = 0
        and coalesce(effects.variant_variance, 0) = 0 as is_without_variance,
        {{ row_of('cuped') }},
        {{ row_of('matured') }}
    from effects
    left join sample_ratios
        on {{ same_grain('effects', 'sample_ratios') }}
        and effects.as_of_date = sample_ratios.as_of_date
    left join arm_shares
        on {{ same_grain('effects', 'arm_shares') }}
        and effects.as_of_date = arm_shares.as_of_date
    left join {{ ref('int_experience_cuped_daily') }} as cuped
        on {{ same_contrast('effects', 'cuped') }}
    left join {{ ref('int_experience_matured_daily') }} as matured
        on {{ same_contrast('effects', 'matured') }}

),

-- The first that holds. Only the running figures decide: the table is read every day.
judged as (

    select
        *,
        case
            when control_visitors = 0 then 'no_control_arm'
            when variant_visitors = 0 then 'no_treatment_arm'
            when coalesce(control_mean, 0) = 0 then 'zero_control_rate'
            when is_without_variance then 'zero_variance'
            when is_mismatched then 'sample_ratio_mismatch'
            when not is_sufficient then 'insufficient_data'
            when is_significant and running_ci_lower > 0 then 'winner'
            when is_significant and running_ci_upper < 0 then 'loser'
            else 'inconclusive'
        end as status
    from tested

)

select * from judged
