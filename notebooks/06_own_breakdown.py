# %% [markdown]
# # A breakdown of your own
#
# `fct_experience_cube` holds sums, so any breakdown is a GROUP BY, and the macro `lift_by` turns
# it into a lift with its interval. No unit is read, so it is quick however long the history is.

# %%
import os

import altair as alt
import duckdb

PUBLICATION = os.environ.get("LIFT_DUCKDB", "var/published/lift.duckdb")
con = duckdb.connect(PUBLICATION, read_only=True)

# %% [markdown]
# ## By week of the first view
#
# The breakdown is any expression over the columns of the cube. Did the lift fade as the novelty
# wore off?

# %%
weekly = con.sql("""
    select experience, strftime(value, '%Y-%m-%d') as week, control_visitors, variant_visitors, lift, lift_ci_lower, lift_ci_upper
    from lift_by(date_trunc('week', cohort_day)::date, condition := audience_segment = '(all)')
    where conversion in (select conversion from fct_experience_lift where is_main)
    order by all
""").pl()
weekly

# %%
weeks = alt.Chart(weekly).encode(x=alt.X("week:O", title="week of the first view"))
weekly_chart = (
    alt.layer(
        weeks.mark_rule(clip=True).encode(
            y=alt.Y(
                "lift_ci_lower:Q", title="lift", scale=alt.Scale(domain=[-1, 5], clamp=True)
            ).axis(format="+%"),
            y2="lift_ci_upper:Q",
        ),
        weeks.mark_point(filled=True, size=70).encode(y="lift:Q"),
    )
    .properties(width=260)
    .facet(column=alt.Column("experience:N", title=None))
)
weekly_chart

# %% [markdown]
# ## By what `lift.yml` breaks down
#
# Each name under `breakdowns` is a column of the cube. One look at many values finds a winner by
# chance: `is_small` marks values with too few visitors, and a surprise is a hypothesis, not a
# result.

# %%
configured = con.sql("""
    select experience, breakdown, value, control_visitors, variant_visitors, lift, lift_ci_lower, lift_ci_upper
    from rpt_lift_by_breakdown
    where is_main and metric = 'conversion_rate' and audience_segment = '(all)' and not is_small
    order by all
""").pl()
configured

# %% [markdown]
# ## Nothing is lost
#
# The visitors of all values are the visitors of the experience. If yours do not add up, a
# condition left somebody out.

# %%
by_week = con.sql("""
    select experience, sum(control_visitors + variant_visitors) as visitors from weekly group by all order by all
""").fetchall()
everybody = con.sql("""
    select experience, sum(control_visitors + variant_visitors) as visitors
    from lift_by(condition := audience_segment = '(all)')
    where conversion in (select conversion from fct_experience_lift where is_main)
    group by all
    order by all
""").fetchall()
assert by_week == everybody, (by_week, everybody)
