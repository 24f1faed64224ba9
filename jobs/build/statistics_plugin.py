"""The distribution functions that SQL lacks, as vectorised functions of the warehouse.

dbt loads `Plugin` from profiles.yml; anything else calls `register(connection)`. NULL in gives
NULL out, and so does an argument outside a function's domain: no figure ever is NaN or infinite.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection
from duckdb.func import ARROW, SPECIAL
from duckdb.sqltypes import DOUBLE
from scipy import special

_Doubles = npt.NDArray[np.float64]

_registration = threading.Lock()


def _evaluated(formula: Callable[..., Any], *arguments: pa.ChunkedArray) -> pa.Array:
    """Apply `formula` to columns; what is not finite becomes NULL."""
    columns: list[_Doubles] = [column.to_numpy() for column in arguments]  # NULL reads as NaN
    with np.errstate(all="ignore"):
        results: _Doubles = np.asarray(formula(*columns), dtype=np.float64)
    return pa.array(results, mask=~np.isfinite(results))


def normal_cdf(x: pa.ChunkedArray) -> pa.Array:
    """P(Z <= x) of a standard normal Z."""
    return _evaluated(special.ndtr, x)


def normal_quantile(p: pa.ChunkedArray) -> pa.Array:
    """The x with P(Z <= x) = p; NULL unless 0 < p < 1."""
    return _evaluated(special.ndtri, p)


def student_t_two_sided_p(t: pa.ChunkedArray, df: pa.ChunkedArray) -> pa.Array:
    """2 P(T > |t|) of a Student t with `df` degrees of freedom, whole or not."""
    return _evaluated(lambda t, df: 2 * special.stdtr(df, -np.abs(t)), t, df)


def student_t_quantile(p: pa.ChunkedArray, df: pa.ChunkedArray) -> pa.Array:
    """The x with P(T <= x) = p; NULL unless 0 < p < 1."""
    return _evaluated(
        lambda p, df: special.stdtrit(df, np.where((p > 0) & (p < 1), p, np.nan)), p, df
    )


def chi2_tail(x: pa.ChunkedArray, df: pa.ChunkedArray) -> pa.Array:
    """P(X > x) of a chi-square X with `df` degrees of freedom; NULL unless x >= 0 and df > 0."""
    return _evaluated(
        lambda x, df: special.chdtrc(np.where(df > 0, df, np.nan), np.where(x >= 0, x, np.nan)),
        x,
        df,
    )


# Module-level functions only: DuckDB calls them as long as the database is open, also after the
# connection that registered them is closed, and does not keep them alive itself.
_FUNCTIONS: dict[Callable[..., pa.Array], int] = {
    normal_cdf: 1,
    normal_quantile: 1,
    student_t_two_sided_p: 2,
    student_t_quantile: 2,
    chi2_tail: 2,
}


def register(connection: DuckDBPyConnection) -> None:
    """Make the functions known to the database of `connection`, once.

    A function belongs to the open database, not to the connection, so every cursor sees it and a
    second registration would fail.
    """
    with _registration:
        known = {
            name
            for (name,) in connection.execute(
                "select distinct function_name from duckdb_functions()"
            ).fetchall()
        }
        for function, arity in _FUNCTIONS.items():
            if function.__name__ not in known:
                connection.create_function(
                    function.__name__,
                    function,
                    [DOUBLE] * arity,
                    DOUBLE,
                    type=ARROW,
                    null_handling=SPECIAL,
                    side_effects=False,
                )


class Plugin(BasePlugin):
    """Registers the functions on every connection that dbt opens; its cursors share them."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """See `BasePlugin`."""
        register(conn)
