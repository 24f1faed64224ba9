-- One row per study, conversion, metric, look of this build and variant, with all that
-- is published of it and what the running figures have come to.
with

looks as (select * from {{ ref('int_running') }}),

matured as (select * from {{ ref('int_estimates') }} where population = 'matured'),

sample_ratios as (select * from {{ ref('int_sample_ratios') }}),

cuped as (select * from {{ ref('int_cuped') }}),

adjusted as (select * from {{ ref('int_adjusted_p_values') }}),

final as (

    select
        looks.study_id, looks.pooled_study_id,
        looks.conversion, looks.is_main, looks.metric, looks.variant, looks.arm,
        looks.as_of_date,
        looks.control_visitors, looks.control_converters,
        looks.control_total, looks.control_mean,
        looks.variant_visitors, looks.variant_converters,
        looks.variant_total, looks.variant_mean,
        looks.lift, looks.lift_ci_lower, looks.lift_ci_upper,
        looks.absolute_difference, looks.absolute_ci_lower, looks.absolute_ci_upper,
        looks.p_value, adjusted.p_value_holm, adjusted.p_value_bh,
        looks.sequential_ci_lower, looks.sequential_ci_upper,
        looks.always_valid_p_value,
        looks.running_p_value, looks.running_ci_lower, looks.running_ci_upper,
        looks.chance_to_beat_control, looks.expected_loss, looks.standard_error,
        sample_ratios.srm_p_value,
        looks.crossover_visitors,
        looks.minimum_detectable_effect,
        cuped.cuped_lift, cuped.cuped_ci_lower, cuped.cuped_ci_upper,
        cuped.cuped_p_value, cuped.variance_reduction,
        matured.control_visitors as matured_control_visitors,
        matured.control_converters as matured_control_converters,
        matured.control_total as matured_control_total,
        matured.control_mean as matured_control_mean,
        matured.variant_visitors as matured_variant_visitors,
        matured.variant_converters as matured_variant_converters,
        matured.variant_total as matured_variant_total,
        matured.variant_mean as matured_variant_mean,
        matured.lift as matured_lift,
        matured.lift_ci_lower as matured_lift_ci_lower,
        matured.lift_ci_upper as matured_lift_ci_upper,
        -- The first that holds. Only the running figures decide: the table is read
        -- every day. One unit says nothing about variance; it is too few.
        case
            when looks.control_visitors = 0 then 'no_control_arm'
            when looks.variant_visitors = 0 then 'no_treatment_arm'
            when coalesce(looks.control_mean, 0) = 0 then 'zero_control_rate'
            when
                looks.control_visitors > 1
                and looks.variant_visitors > 1
                and coalesce(looks.control_variance, 0) = 0
                and coalesce(looks.variant_variance, 0) = 0
                then 'zero_variance'
            when sample_ratios.srm_cause is not null then 'sample_ratio_mismatch'
            when not looks.is_sufficient then 'insufficient_data'
            when
                looks.running_p_value < {{ statistics_setting('alpha') }}
                and looks.running_ci_lower > 0
                then 'winner'
            when
                looks.running_p_value < {{ statistics_setting('alpha') }}
                and looks.running_ci_upper < 0
                then 'loser'
            else 'inconclusive'
        end as status,
        looks.is_counted, looks.greatest_lower, looks.least_upper
    from looks
    left join matured
        on {{ same_contrast('looks', 'matured') }}
    left join sample_ratios
        on looks.study_id = sample_ratios.study_id
        and looks.as_of_date = sample_ratios.as_of_date
    left join cuped
        on {{ same_contrast('looks', 'cuped') }}
    left join adjusted
        on {{ same_contrast('looks', 'adjusted') }}

)

select * from final
