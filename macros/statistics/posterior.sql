{#
    The lift's posterior under a normal prior (conjugate normal with known variance;
    Gelman et al., Bayesian Data Analysis, §2.5). Without a prior stddev the prior is
    flat.
#}

{% macro posterior_mean(lift, lift_variance, precision) -%}
    (
        {{ lift }} / nullif({{ lift_variance }}, 0)
        + coalesce(
            {{ statistics_setting('prior_mean') }}
            / power({{ statistics_setting('prior_stddev') }}, 2),
            0
        )
    ) / {{ precision }}
{%- endmacro %}


{#
    E[max(0, -lift)] = σ φ(μ/σ) - μ (1 - Φ(μ/σ)): what shipping the variant is expected
    to cost.
#}
{% macro expected_loss(mean, stddev) -%}
    case
        when {{ mean }} is not null and {{ stddev }} is not null then greatest(
            {{ stddev }} * exp(-power({{ mean }} / {{ stddev }}, 2) / 2)
            / sqrt(2 * pi())
            - {{ mean }} * normal_cdf(-{{ mean }} / {{ stddev }}),
            0
        )
    end
{%- endmacro %}
