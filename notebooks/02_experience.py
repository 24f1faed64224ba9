# %% [markdown]
# # One experience, closely
#
# A verdict is one line; this is the story behind it: how the lift moved day by day, whether the
# split was fair, and how long visitors took to convert.

# %%
import os

import altair as alt
import duckdb

PUBLICATION = os.environ.get("LIFT_DUCKDB", "var/published/lift.duckdb")
con = duckdb.connect(PUBLICATION, read_only=True)

# %% [markdown]
# Write another name here to look at another experience; this is the one most visitors saw.

# %%
((EXPERIENCE, CONVERSION),) = con.sql("""
    select experience, conversion
    from fct_experience_lift
    where is_main and metric = 'conversion_rate' and audience_segment = '(all)'
    order by control_visitors + variant_visitors desc
    limit 1
""").fetchall()
chosen = {"experience": EXPERIENCE, "conversion": CONVERSION}

# %% [markdown]
# ## The lift, day by day
#
# The band is the running interval: it only ever narrows, and it holds on every day at once. It
# begins once there are visitors enough; a verdict falls on the first day on which it leaves zero.

# %%
daily = con.sql(
    """
    select as_of_date, lift, running_ci_lower as lower, running_ci_upper as upper
    from fct_experience_lift_daily
    where experience = $experience and conversion = $conversion
        and metric = 'conversion_rate' and audience_segment = '(all)'
    order by as_of_date
    """,
    params=chosen,
).pl()
days = alt.Chart(daily).encode(x=alt.X("as_of_date:T", title=None))
axis = alt.Y(title="lift", scale=alt.Scale(domain=[-1, 4], clamp=True)).axis(format="+%")
daily_chart = alt.layer(
    days.mark_area(opacity=0.25, clip=True).encode(
        y=axis.field("lower").type("quantitative"), y2="upper:Q"
    ),
    days.mark_line(clip=True).encode(y="lift:Q"),
    alt.Chart(daily).mark_rule(strokeDash=[4, 4], color="gray").encode(y=alt.datum(0)),
).properties(title=f"{EXPERIENCE}: lift of {CONVERSION}", width=560)
daily_chart

# %% [markdown]
# ## Was the split fair?
#
# A small p-value says that the arms differ by more than chance, and no figure can be trusted.

# %%
con.sql("select * exclude (surrogate_key) from dim_experiences").pl().filter(experience=EXPERIENCE)

# %% [markdown]
# ## How long until they convert
#
# Converted visitors by whole days since their first view. If the last bars are high, the window
# of the conversion is too short.

# %%
delays = con.sql(
    """
    select arm, date_diff('second', first_exposed_at, first_converted_at) // 86400 as day, count(*) as visitors
    from fct_unit_outcomes
    where experience = $experience and conversion = $conversion
        and is_counted and is_converted and audience_segment = '(all)'
    group by all
    """,
    params=chosen,
).pl()
delay_chart = (
    alt.Chart(delays)
    .mark_bar()
    .encode(
        x=alt.X("day:O", title="days since the first view"),
        y="visitors:Q",
        color="arm:N",
        xOffset="arm:N",
    )
    .properties(title="Time to convert", width=420)
)
delay_chart
