# %% [markdown]
# # Can you trust who is who?
#
# Every figure counts persons. A person who is two halves the conversions; two persons who are one
# mix the arms. These are the places where identity goes wrong, and how to look closer.

# %%
import os

import altair as alt
import duckdb

PUBLICATION = os.environ.get("LIFT_DUCKDB", "var/published/lift.duckdb")
con = duckdb.connect(PUBLICATION, read_only=True)
con.sql("""
    select
        count(*) as persons,
        count_if(is_identified) as identified,
        count_if(user_id_count > 1) as with_several_user_ids,
        max(anonymous_id_count) as most_devices
    from dim_persons
""").pl()

# %% [markdown]
# ## Devices per person
#
# Most people have one to three. A long tail is a shared device, a test account, or an id that
# names nobody: such ids belong into `identity.blocked` of `lift.yml`.

# %%
devices = con.sql("""
    select anonymous_id_count as devices, is_identified, count(*) as persons
    from dim_persons
    group by all
    order by all
""").pl()
device_chart = (
    alt.Chart(devices)
    .mark_bar()
    .encode(
        x=alt.X("devices:O", title="devices (anonymous ids) of a person"),
        y="persons:Q",
        color=alt.Color("is_identified:N", title="logged in"),
    )
    .properties(title="Persons by number of devices", width=420)
)
device_chart

# %% [markdown]
# ## Merges
#
# A merge joins two persons once a message ties them. They come with logins; a spike on one day is
# an import or a bug in tracking.

# %%
merges = con.sql("""
    select occurred_at::date as day, id_type_a || ' + ' || id_type_b as tied_by, count(*) as merges
    from fct_identity_merges
    group by all
    order by all
""").pl()
merge_chart = (
    alt.Chart(merges)
    .mark_bar()
    .encode(x=alt.X("day:T", title=None), y="merges:Q", color=alt.Color("tied_by:N", title=None))
    .properties(title="Merged persons per day", width=560)
)
merge_chart

# %% [markdown]
# ## Who to look at
#
# The largest persons. `lift explain person ID` shows, link by link, why their ids are one.

# %%
con.sql("""
    select person_id, user_id_count, anonymous_id_count, first_seen_at, last_seen_at
    from dim_persons
    order by user_id_count desc, anonymous_id_count desc, person_id
    limit 10
""").pl()
