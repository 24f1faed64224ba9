"""Text in bulk: looking fragments up and joining them, a whole column at a time."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from jobs.demo.company import DAY_MS, MINUTE_MS
from jobs.demo.ledger import Ints

_MINUTES = pl.Series([f"T{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)])
_MILLISECONDS = pl.Series([f"{ms // 1000:02}.{ms % 1000:03}Z" for ms in range(60_000)])
_HEX = pl.Series([f"{word:04x}" for word in range(65_536)])
_VARIANTS = pl.Series([f"{word % 4 + 8:x}{word % 4096:03x}" for word in range(65_536)])


def pick(table: pl.Series | Sequence[str], index: Ints) -> pl.Series:
    """The entry of `table` for every number of `index`; nothing (`""`) for a negative one."""
    entries = table if isinstance(table, pl.Series) else pl.Series(table, dtype=pl.String)
    if not len(index):
        return pl.Series(dtype=pl.String)
    if index.min() >= 0:
        return entries.gather(index)
    closed = pl.concat([entries.rename("text"), pl.Series("text", [""])])
    return closed.gather(np.where(index < 0, len(entries), index))


def pick_or_null(table: pl.Series, index: Ints) -> pl.Series:
    """As `pick`, with null for a negative number."""
    if len(index) and index.max() < 0:
        return pl.Series([None], dtype=pl.String).extend_constant(None, len(index) - 1)
    return pl.select(
        pl.when(pl.lit(pl.Series(index >= 0))).then(pl.lit(pick(table, index)))
    ).to_series()


def join(*parts: str | pl.Series) -> pl.Series:
    """Concatenate columns and constants row by row; at least one part is a column."""
    columns = {f"part_{n}": part for n, part in enumerate(parts) if isinstance(part, pl.Series)}
    pieces = [
        pl.lit(part) if isinstance(part, str) else pl.col(f"part_{n}")
        for n, part in enumerate(parts)
    ]
    frame = pl.DataFrame([series.rename(name) for name, series in columns.items()])
    return frame.select(pl.concat_str(pieces)).to_series()


def digits(values: Ints) -> pl.Series:
    """Integers as decimal text."""
    return pl.Series(values).cast(pl.String)


def padded(values: Ints, width: int) -> pl.Series:
    """Integers as decimal text of at least `width` digits."""
    return digits(values).str.zfill(width)


def money(cents: Ints) -> pl.Series:
    """Cents as a JSON number in the major unit, such as `19.90`."""
    return join(digits(cents // 100), ".", padded(cents % 100, 2))


def iso_times(milliseconds: pl.Series) -> pl.Series:
    """Times (ms since 1970, UTC) as ISO 8601 text with milliseconds and `Z`; null stays null."""
    values = milliseconds.fill_null(0).to_numpy()
    days, day = np.unique(values // DAY_MS, return_inverse=True)
    dates = pl.Series(days).cast(pl.Int32).cast(pl.Date).cast(pl.String)
    in_day = values % DAY_MS
    text = join(
        pick(dates, day),
        pick(_MINUTES, in_day // MINUTE_MS),
        pick(_MILLISECONDS, in_day % MINUTE_MS),
    )
    return pl.select(pl.when(pl.lit(milliseconds.is_not_null())).then(pl.lit(text))).to_series()


def hex_text(words: int, count: int, rng: np.random.Generator) -> pl.Series:
    """Random hexadecimal text of `4 * words` digits."""
    return join(*(pick(_HEX, rng.integers(0, 65_536, count)) for _ in range(words)))


def uuids(count: int, rng: np.random.Generator) -> pl.Series:
    """Random UUIDs of version 4."""
    word = rng.integers(0, 65_536, (8, count))
    hexes = [pick(_HEX, word[n]) for n in range(8)]
    third = hexes[3].str.slice(1)
    variant = pick(_VARIANTS, word[4])
    return join(hexes[0], hexes[1], "-", hexes[2], "-4", third, "-", variant, "-", *hexes[5:])
