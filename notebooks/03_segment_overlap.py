# %% [markdown]
# # Which segments are the same people?
#
# Two segments with the same members give the same answer twice. Before you compare the lift of
# segments, see how far they overlap among the visitors of an experience.

# %%
import os

import altair as alt
import duckdb

PUBLICATION = os.environ.get("LIFT_DUCKDB", "var/published/lift.duckdb")
con = duckdb.connect(PUBLICATION, read_only=True)

# %% [markdown]
# ## Who was in what when they first saw an experience
#
# `bridge_assignment_segments` has the memberships at the first view: what came later cannot have
# caused it, and does not count. Each visitor counts once per segment, whatever they saw.

# %%
members = con.sql("""
    select distinct unit_id, user_segment
    from bridge_assignment_segments
    where audience_segment = '(all)'
""")
sizes = con.sql(
    "select user_segment, count(*) as visitors from members group by all order by all"
).pl()
sizes

# %% [markdown]
# ## The overlap
#
# Read a row: of the visitors in this segment, how many are in the other one too. A dark cell off
# the diagonal means that one segment says little that the other does not.

# %%
overlap = con.sql("""
    with pairs as (
        select one.user_segment, other.user_segment as other_segment, count(*) as both_count
        from members as one
        inner join members as other on one.unit_id = other.unit_id
        group by all
    ),

    sizes as (
        select user_segment, both_count as visitors
        from pairs
        where user_segment = other_segment
    )

    select pairs.*, pairs.both_count / sizes.visitors as share
    from pairs
    inner join sizes on pairs.user_segment = sizes.user_segment
    order by all
""").pl()
cells = alt.Chart(overlap).encode(
    x=alt.X("other_segment:N", title="are also in"),
    y=alt.Y("user_segment:N", title="of the visitors in"),
)
overlap_chart = (
    cells.mark_rect().encode(
        color=alt.Color(
            "share:Q", title="share", scale=alt.Scale(scheme="blues", domain=[0, 1])
        ).legend(format="%")
    )
    + cells.mark_text().encode(
        text=alt.Text("share:Q", format=".0%"),
        color=alt.condition("datum.share > 0.6", alt.value("white"), alt.value("black")),
    )
).properties(title="How far segments overlap", width=360, height=300)
overlap_chart

# %% [markdown]
# ## The same name, two rules
#
# Where a segment of a vendor and a rule of `lift.yml` carry one name, they should hold the same
# people. `agreement_share` is how many of all of them both hold.

# %%
con.sql("from rpt_segment_agreement").pl()
