{#
    θ = cov(u, x) / var(x) over both arms at once (CUPED; Deng, Xu, Kohavi and Walker, WSDM
    2013), from the sums of each. A metric is a ratio of sums over units, r = Σy / Σw, which
    varies like the mean of u = (y - r w) / mean(w); x is the covariate: n² (Σw Σxy - Σy Σxw)
    / ((Σw)² (n Σx² - (Σx)²)). Zero where x does not vary.
#}
{% macro cuped_theta() -%}
    coalesce(
        {{ product_difference(
            '(control.denominator + treated.denominator)',
            '(control.covariate_product + treated.covariate_product)',
            '(control.numerator + treated.numerator)',
            '(control.covariate_weight_product + treated.covariate_weight_product)'
        ) }}
        * power(cast(control.visitors + treated.visitors as double), 2)
        / nullif(power(
            cast(control.denominator + treated.denominator as double), 2
        ), 0)
        / nullif({{ product_difference(
            '(control.visitors + treated.visitors)',
            '(control.covariate_squares + treated.covariate_squares)',
            '(control.covariate + treated.covariate)',
            '(control.covariate + treated.covariate)'
        ) }}, 0),
        0
    )
{%- endmacro %}


{#
    What is left of a variance when next to nothing is: null. Few digits of it are true,
    and degrees of freedom and p would be made of noise.
#}
{% macro left_of_variance(adjusted, unadjusted) -%}
    case when {{ adjusted }} > 1e-6 * {{ unadjusted }} then {{ adjusted }} end
{%- endmacro %}
