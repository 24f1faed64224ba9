{#
    Difference of two means, each a sum over a weight, exact in integers up to the one
    division: of doubles that are nearly equal it would leave few digits.
#}
{% macro mean_difference(variant_sum, variant_weight, control_sum, control_weight) -%}
    {{ product_difference(variant_sum, control_weight, control_sum, variant_weight) }}
    / nullif(cast({{ variant_weight }} as double) * {{ control_weight }}, 0)
{%- endmacro %}


{#
    Squared standard error of the relative lift, delta method (Deng et al., arXiv
    1803.06336): v_V / (n_V m_C²) + v_C m_V² / (n_C m_C⁴), from those of the two means.
#}
{% macro lift_variance(
    control_mean_variance, control_mean, variant_mean_variance, variant_mean
) -%}
    {{ variant_mean_variance }} / nullif(power({{ control_mean }}, 2), 0)
    + {{ control_mean_variance }}
    * power({{ variant_mean }} / nullif(power({{ control_mean }}, 2), 0), 2)
{%- endmacro %}


{#
    Squared standard error of the logarithm of a mean: the error relative to the mean.
    Null unless both means are positive.
#}
{% macro log_mean_variance(mean_variance, mean, other_mean) -%}
    case
        when {{ mean }} > 0 and {{ other_mean }} > 0
            then {{ mean_variance }} / power({{ mean }}, 2)
    end
{%- endmacro %}


{#
    A bound of the interval of the lift on the log scale: the ratio of means times
    exp(±quantile · standard error of the log ratio), less one (delta method on ln(m_V /
    m_C); Katz et al. 1978, Biometrics 34). An interval whose upper end is beyond any
    double has neither bound.
#}
{% macro log_interval_bound(variant_mean, control_mean, log_half_width) -%}
    case
        when isfinite({{ variant_mean }} / {{ control_mean }} * exp(abs({{ log_half_width }})))
            then {{ variant_mean }} / {{ control_mean }} * exp({{ log_half_width }}) - 1
    end
{%- endmacro %}
