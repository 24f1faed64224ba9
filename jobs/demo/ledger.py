"""The ledger: one narrow row a message, in numbers, before any text is rendered."""

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


class Source(IntEnum):
    """The sources of the company, in the order of their folders."""

    WEB = 0
    PRODUCT = 1
    BACKEND = 2
    ENGAGE = 3


class Kind(IntEnum):
    """What a message says; a kind belongs to one source and one call type."""

    PAGE = 0
    EXPOSURE = 1
    MUTINY_IDENTIFY = 2
    CTA = 3
    DEMO_REQUEST = 4
    LEAD_IDENTIFY = 5
    LOGIN = 6
    GROUP = 7
    PRODUCT_SIGNUP = 8
    FEATURE = 9
    APP_PAGE = 10
    SCREEN = 11
    BACKEND_SIGNUP = 12
    ORDER = 13
    REFUND = 14
    ALIAS = 15
    USER_TRAITS = 16
    INVOICE = 17
    AUDIENCE = 18
    UNKNOWN_TYPE = 19


class Form(IntEnum):
    """How an exposure names its arm."""

    BOOLEAN = 0
    TEXT = 1
    NO_EXPERIENCE = 2
    NULL_ARM = 3


class Clock(IntEnum):
    """Which times a message carries."""

    GIVEN = 0
    FUTURE = 1
    COMPUTED = 2
    RECEIVED = 3


class Routing(IntEnum):
    """The integrations object of a message."""

    EMPTY = 0
    ALL_OFF = 1
    MUTINY_OFF = 2
    MIXPANEL_OFF = 3
    ONLY_MUTINY = 4


class Consent(IntEnum):
    """What the visitor's consent banner has recorded; NONE outside the regions that show it."""

    NONE = 0
    GRANTED = 1
    REFUSED = 2


WEB, PRODUCT, BACKEND, ENGAGE = Source.WEB, Source.PRODUCT, Source.BACKEND, Source.ENGAGE
SOURCE_OF_KIND = np.array([WEB] * 6 + [PRODUCT] * 6 + [BACKEND] * 6 + [ENGAGE, WEB], np.int64)

COLUMNS: dict[str, tuple[type[pl.DataType], int | bool]] = {
    "kind": (pl.Int8, 0),
    "t": (pl.Int64, 0),
    "human": (pl.Int32, -1),
    "anon": (pl.Int32, -1),
    "user": (pl.Int32, -1),
    "mutiny": (pl.Int32, -1),
    "previous_anon": (pl.Int32, -1),
    "previous_user": (pl.Int32, -1),
    "page": (pl.Int16, 0),
    "campaign": (pl.Int16, -1),
    "referrer": (pl.Int16, 0),
    "experience": (pl.Int8, -1),
    "segment": (pl.Int8, -1),
    "arm": (pl.Int8, -1),
    "form": (pl.Int8, 0),
    "routing": (pl.Int8, 0),
    "consent": (pl.Int8, 0),
    "group": (pl.Int32, -1),
    "order": (pl.Int32, -1),
    "detail": (pl.Int32, 0),
    "excluded": (pl.Boolean, False),
}
"""Every column of a batch with its type and what it holds when the kind has no use for it.

`t` is when it happened (ms); `anon`, `user` and `mutiny` number identifiers (-1: the message has
none); `detail` is the kind's own number: a feature, a screen, an audience and its side.
"""


def batch(kind: Kind, t: Ints, **columns: Any) -> pl.DataFrame:
    """Messages of one kind as ledger rows; a column is an array as long as `t` or one number."""
    given = {"kind": int(kind), "t": t, **columns}
    series = []
    for name, (dtype, default) in COLUMNS.items():
        value = given.pop(name, default)
        values = value if isinstance(value, np.ndarray) else np.full(len(t), value)
        series.append(pl.Series(name, values).cast(dtype))
    if given:
        raise KeyError(f"no such ledger column: {', '.join(given)}")
    return pl.DataFrame(series)


def ints(frame: pl.DataFrame, column: str) -> Ints:
    """A ledger column as 64-bit integers, to count and index with."""
    return frame[column].cast(pl.Int64).to_numpy()
