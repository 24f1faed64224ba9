{#
    Adds p_value_holm (Holm 1979: the largest (m - rank + 1) p so far) and p_value_bh
    (Benjamini and Hochberg 1995: the smallest m p / rank from here on) to a relation of
    lift rows. A family is the conversion rates of one look at an experience over its
    audience segments; where it has none, its (all) rows. A row without p is in no family.
    `looks` are the columns that tell one look at an experience from another. Windows go
    by value, so equal p get equal adjusted ones.
#}
{% macro adjusted_p_values(relation, looks) -%}
    select
        {{ all_columns_but([
            'is_in_family', 'family_tests', 'tests_below', 'tests_up_to'
        ]) }},
        case
            when is_in_family then max(
                least(1.0, (family_tests - tests_below) * p_value)
            ) over (
                partition by {{ looks | join(', ') }}, is_in_family
                order by p_value
            )
        end as p_value_holm,
        case
            when is_in_family then min(
                least(1.0, family_tests * p_value / tests_up_to)
            ) over (
                partition by {{ looks | join(', ') }}, is_in_family
                order by p_value desc
            )
        end as p_value_bh
    from (
        select
            *,
            count(*) over family as family_tests,
            rank() over (family order by p_value) - 1 as tests_below,
            count(*) over (family order by p_value) as tests_up_to
        from (
            select
                *,
                metric = 'conversion_rate'
                and p_value is not null
                and (audience_segment <> '(all)') = bool_or(
                    audience_segment <> '(all)'
                ) over (partition by {{ looks | join(', ') }}) as is_in_family
            from {{ relation }}
        ) as looked_at
        window family as (
            partition by {{ looks | join(', ') }}, is_in_family
        )
    ) as ranked
{%- endmacro %}
