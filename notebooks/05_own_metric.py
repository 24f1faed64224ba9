# %% [markdown]
# # A metric of your own
#
# `fct_unit_outcomes` has one row per visitor and conversion, so a new metric is a new column. The
# statistics come from [tea-tasting](https://tea-tasting.e10v.me); first they prove themselves on
# a figure that the night has computed too.

# %%
import math
import os

import altair as alt
import duckdb
import polars as pl
import tea_tasting as tt

PUBLICATION = os.environ.get("LIFT_DUCKDB", "var/published/lift.duckdb")
con = duckdb.connect(PUBLICATION, read_only=True)
key = ["vendor", "experience", "period"]
units = con.sql("""
    select
        vendor,
        experience,
        period,
        (arm = 'personalized')::integer as variant,
        is_converted::integer as converted,
        -- The metric of this notebook: converted within a day of the first view.
        (is_converted and first_converted_at < first_exposed_at + interval 1 day)::integer as fast
    from fct_unit_outcomes
    where is_counted
        and audience_segment = '(all)'
        and conversion in (select conversion from fct_experience_lift where is_main)
""").pl()
units.group_by("experience", "variant").agg(pl.len(), pl.col("converted", "fast").mean()).sort(
    "experience", "variant"
)

# %% [markdown]
# ## Both metrics, with intervals
#
# These intervals are for one look: decide when to look before you do.

# %%
test = tt.Experiment(converted=tt.Mean("converted", use_t=True), fast=tt.Mean("fast", use_t=True))
results = []
for (_, experience, _), visitors in units.group_by(key, maintain_order=True):
    if visitors["variant"].n_unique() == 2 and visitors.filter(variant=0)["fast"].sum() > 0:
        for metric, found in test.analyze(visitors).items():
            results.append({"experience": experience, "metric": metric, **found._asdict()})
figures = pl.DataFrame(results)
figures

# %% [markdown]
# ## Do they agree with the published lift?
#
# They must: `converted` is the conversion rate of `fct_experience_lift`, by another library.

# %%
published = con.sql("""
    select experience, lift, lift_ci_lower, lift_ci_upper, p_value
    from fct_experience_lift
    where is_main and metric = 'conversion_rate' and audience_segment = '(all)'
""").pl()
compared = figures.filter(metric="converted").join(published, on="experience")
assert not compared.is_empty()
for row in compared.iter_rows(named=True):
    for ours, theirs in (
        ("rel_effect_size", "lift"),
        ("rel_effect_size_ci_lower", "lift_ci_lower"),
        ("rel_effect_size_ci_upper", "lift_ci_upper"),
        ("pvalue", "p_value"),
    ):
        assert math.isclose(row[ours], row[theirs], rel_tol=1e-6), (row["experience"], ours)

# %%
points = alt.Chart(figures).encode(
    y=alt.Y("metric:N", title=None), color=alt.Color("metric:N", legend=None)
)
metric_chart = (
    alt.layer(
        points.mark_rule(strokeWidth=3).encode(
            x=alt.X("rel_effect_size_ci_lower:Q", title="lift, for one look").axis(format="+%"),
            x2="rel_effect_size_ci_upper:Q",
        ),
        points.mark_point(filled=True, size=80).encode(x="rel_effect_size:Q"),
    )
    .properties(width=460)
    .facet(row=alt.Row("experience:N", title=None).header(labelAngle=0, labelAlign="left"))
)
metric_chart
