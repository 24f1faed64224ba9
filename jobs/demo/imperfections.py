"""How messages go wrong on the way: late, twice, with broken clocks, half filled in."""

import numpy as np
import polars as pl

from jobs.demo.company import DAY_MS, HOUR_MS, MINUTE_MS
from jobs.demo.ledger import SOURCE_OF_KIND, Clock, Form, Ints, Kind, ints
from jobs.demo.oddities import BLOCKED_USERS, Numbering
from jobs.demo.population import Population

LATE_SHARE = 0.01
DUPLICATE_SHARE = 0.01
FORM_SHARES = (0.992, 0.004, 0.002, 0.002)
"""Of an arm as a boolean, as text, of an exposure without its experience, without its arm."""
CLOCK_SHARES = (0.991, 0.003, 0.004, 0.002)
"""Of a given time, one in the future, none but computable, none but that of receipt."""


def blur_messages(rows: pl.DataFrame, people: Population, rng: np.random.Generator) -> pl.DataFrame:
    """Spoil a few exposures and user ids, as careless tracking code does."""
    kind = ints(rows, "kind")
    drawn = rng.choice(len(FORM_SHARES), rows.height, p=FORM_SHARES)
    form = np.where(kind == Kind.EXPOSURE, drawn, Form.BOOLEAN)

    user = ints(rows, "user").copy()
    nameless = (kind == Kind.PAGE) & (user < 0) & (ints(rows, "anon") >= 0)
    chosen = np.flatnonzero(nameless & (rng.random(rows.height) < 0.002))
    blocked = Numbering(people.size).blocked_user
    user[chosen] = blocked + np.arange(len(chosen)) % len(BLOCKED_USERS)
    return rows.with_columns(
        form=pl.Series(form).cast(pl.Int8), user=pl.Series(user).cast(pl.Int32)
    )


def receive_messages(
    rows: pl.DataFrame, people: Population, rng: np.random.Generator
) -> pl.DataFrame:
    """Add when each message was sent and received, and drop what the period does not hold."""
    count = rows.height
    t = ints(rows, "t")
    lag = 90 + rng.exponential(600, count).astype(np.int64)
    late = rng.random(count) < LATE_SHARE
    delay = (rng.uniform(0.8, 5.5, count) * DAY_MS).astype(np.int64)
    late &= t + delay < people.end
    lag = np.where(late, delay, np.minimum(lag, 8_000))
    clock = rng.choice(len(CLOCK_SHARES), count, p=CLOCK_SHARES)
    clock[late & (clock != Clock.COMPUTED)] = Clock.GIVEN
    ahead = rng.integers(2 * HOUR_MS, 20 * DAY_MS, count)
    received = t + lag
    occurred = np.where(np.isin(clock, (Clock.FUTURE, Clock.RECEIVED)), received, t)
    return rows.with_columns(
        source=pl.Series(SOURCE_OF_KIND[ints(rows, "kind")]).cast(pl.Int8),
        received=pl.Series(received),
        occurred=pl.Series(occurred),
        stated=pl.Series(np.where(clock == Clock.FUTURE, received + ahead, t)),
        lag=pl.Series(lag),
        clock=pl.Series(clock).cast(pl.Int8),
        skew=pl.Series(_device_skew(rows, rng)),
    ).filter((pl.col("received") >= people.start) & (pl.col("received") < people.end))


def repeat_messages(
    rows: pl.DataFrame, people: Population, file_days: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Deliver one message in a hundred once more, later and in another file."""
    again = rows.filter(pl.Series(rng.random(rows.height) < DUPLICATE_SHARE))
    later = rng.integers(1, 3, again.height) * file_days * DAY_MS
    again = again.with_columns(
        received=pl.col("received") + pl.Series(later) + MINUTE_MS,
        is_duplicate=pl.lit(True),
    ).filter((pl.col("received") < people.end) & (pl.col("clock") == int(Clock.GIVEN)))
    return pl.concat([rows.with_columns(is_duplicate=pl.lit(False)), again])


def _device_skew(rows: pl.DataFrame, rng: np.random.Generator) -> Ints:
    """How far each device's clock is off (ms): mostly a little, for a few by minutes."""
    devices = ints(rows, "anon") + 1
    skew = rng.normal(0, 150, int(devices.max(initial=0)) + 1)
    wrong = rng.random(len(skew)) < 0.02
    skew[wrong] = rng.normal(0, 20 * MINUTE_MS, int(wrong.sum()))
    skew[0] = 0
    return skew.astype(np.int64)[devices]
