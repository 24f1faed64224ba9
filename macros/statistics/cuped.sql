{#
    CUPED (Deng, Xu, Kohavi and Walker, WSDM 2013): a metric less θ times what the same
    units did before their exposure. Every metric is a ratio of sums over units, r = Σy /
    Σw, which varies like the mean of u = (y - r w) / mean(w); a mean has w = 1. x is the
    covariate.
#}

{# Sample covariance of u and x, ddof 1: n (Σw Σxy - Σy Σxw) / ((Σw)² (n - 1)). #}
{% macro ratio_covariance() -%}
    {{ product_difference(
        'denominator', 'covariate_product', 'numerator', 'covariate_weight_product'
    ) }}
    * visitors / nullif(power(cast(denominator as double), 2), 0)
    / nullif(visitors - 1, 0)
{%- endmacro %}


{#
    θ = cov(u, x) / var(x) over both arms at once, from a relation with the sums of
    both: n² (Σw Σxy - Σy Σxw) / ((Σw)² (n Σx² - (Σx)²)). Zero where x does not vary.
#}
{% macro cuped_theta() -%}
    coalesce(
        {{ product_difference(
            'denominator', 'covariate_product', 'numerator', 'covariate_weight_product'
        ) }}
        * power(cast(visitors as double), 2)
        / nullif(power(cast(denominator as double), 2), 0)
        / nullif({{ product_difference(
            'visitors', 'covariate_squares', 'covariate', 'covariate'
        ) }}, 0),
        0
    )
{%- endmacro %}


{# Variance of u - θ x; `abs`, as rounding may leave it a hair below zero. #}
{% macro adjusted_variance(variance, covariate_variance, covariance) -%}
    abs(
        {{ variance }} + power(theta, 2) * {{ covariate_variance }}
        - 2 * theta * {{ covariance }}
    )
{%- endmacro %}


{#
    What is left of a variance when next to nothing is: null. Few digits of it are true,
    and degrees of freedom and p would be made of noise.
#}
{% macro left_of_variance(adjusted, unadjusted) -%}
    case when {{ adjusted }} > 1e-6 * {{ unadjusted }} then {{ adjusted }} end
{%- endmacro %}


{#
    Standard error of the adjusted lift, delta method, over the unadjusted control mean
    m_C, with k = m_V / m_C: √( v'_V / n_V + (k² v_C - 2 θ k c_C + θ² x_C) / n_C ) / |m_C|.
#}
{% macro cuped_standard_error() -%}
    sqrt(
        variant_adjusted_error
        + abs(
            power(variant_mean / control_mean, 2) * control_variance
            - 2 * theta * variant_mean / control_mean * control_covariance
            + power(theta, 2) * control_covariate_variance
        ) / control_visitors
    ) / abs(control_mean)
{%- endmacro %}
