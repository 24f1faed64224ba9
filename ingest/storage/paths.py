"""Which layout and source a path in the landing zone names."""

import re
from typing import Literal, NamedTuple

Layout = Literal["raw", "s3", "data-lakes"]

S3_LOGS = re.compile(r"(?s)(?:.*/)?(?:segment-logs/([^/]+)/.+|([^/]+)/\d{10,13}/[^/]+)\.gz")
DATA_LAKES = re.compile(r"(?s)(?:.*/)?([^/]+)/segment_type=([^/]+)/.+\.parquet")
RAW = re.compile(r"(?s)([^/]+)/.+\.parquet")
STAGING_FOLDER = "segment-stage"
"""Where Segment Data Lakes write before they deliver; nothing in it is an export yet."""


class Place(NamedTuple):
    """What a path names: the layout, the source's folder, and the event table of a data lake."""

    layout: Layout
    source: str
    table: str | None = None


def recognise(path: str) -> Place | None:
    """Return what a path names, or None where it fits no layout or belongs to a tool."""
    if path.startswith(f"{STAGING_FOLDER}/") or is_hidden(path):
        return None
    if found := S3_LOGS.fullmatch(path):
        return Place("s3", found[1] or found[2])
    if found := DATA_LAKES.fullmatch(path):
        return Place("data-lakes", found[1], found[2])
    if found := RAW.fullmatch(path):
        return Place("raw", found[1])
    return None


def is_hidden(path: str) -> bool:
    """Tell whether a name begins with `.` or `_`: it belongs to the tool that writes it."""
    return any(part.startswith((".", "_")) for part in path.split("/"))
