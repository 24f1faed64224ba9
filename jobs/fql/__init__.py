"""Segment's filter language (FQL): parse a trigger, compile it to SQL over a message."""

from jobs.fql.compile import compile_trigger
from jobs.fql.errors import FqlSyntaxError
from jobs.fql.parse import parse_trigger
from jobs.fql.paths import MessagePath, compile_path
from jobs.fql.syntax import Trigger

__all__ = [
    "FqlSyntaxError",
    "MessagePath",
    "Trigger",
    "compile_path",
    "compile_trigger",
    "parse_trigger",
]
