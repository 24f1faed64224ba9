# %% [markdown]
# # First look
#
# What did last night find? This notebook opens the published file read-only and shows where to
# start: the verdicts, how sure they are, and what needs attention before you trust them.

# %%
import os

import altair as alt
import duckdb

PUBLICATION = os.environ.get("LIFT_DUCKDB", "var/published/lift.duckdb")
con = duckdb.connect(PUBLICATION, read_only=True)
con.sql("select run_id() as run, as_of() as as_of, schema_version() as schema_version").pl()

# %% [markdown]
# ## The verdicts
#
# One row per experience and audience segment, for the main conversion. `status` is decided by the
# running interval, which holds however often you look at it.

# %%
verdicts = con.sql("""
    select
        experience,
        audience_segment,
        control_visitors,
        control_mean,
        variant_visitors,
        variant_mean,
        lift,
        coalesce(running_ci_lower, lift_ci_lower) as lower,
        coalesce(running_ci_upper, lift_ci_upper) as upper,
        status,
        experience || ' · ' || audience_segment as label
    from fct_experience_lift
    where is_main and metric = 'conversion_rate'
    order by experience, audience_segment <> '(all)', audience_segment
""").pl()
verdicts

# %%
# A long interval would squeeze the others: the axis ends at +300 %.
rows = alt.Chart(verdicts).encode(
    y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=320))
)
scale = alt.Scale(domain=[-1, 3], clamp=True)
verdict_chart = (
    alt.layer(
        alt.Chart().mark_rule(strokeDash=[4, 4], color="gray").encode(x=alt.datum(0)),
        rows.mark_rule(strokeWidth=3).encode(
            x=alt.X("lower:Q", title="lift and its running interval", scale=scale).axis(
                format="+%"
            ),
            x2="upper:Q",
            color=alt.Color("status:N", title=None),
        ),
        rows.mark_point(filled=True, size=80).encode(x="lift:Q", color="status:N"),
        data=verdicts,
    )
    .resolve_scale(color="shared")
    .properties(title="Did the personalized experience convert better?", width=520)
)
verdict_chart

# %% [markdown]
# ## What needs attention
#
# Findings of the night, the gravest first. Each says what to do about it.

# %%
con.sql("""
    select severity, check_name, subject, detail, remedy, finding_count
    from dq_findings
    order by severity, finding_count desc
""").pl()

# %% [markdown]
# ## Where to go next
#
# `help` lists every table and macro with what a row is and a query to begin with.

# %%
con.sql("select name, kind, grain, example from help").pl()
