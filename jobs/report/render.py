"""Renders pages: Jinja with autoescape, charts in the page, and nothing from the network."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from jobs.report import small_charts, words
from jobs.report.charts import LINES, Spec, draw_svg, drawn_before, spec_hash
from jobs.report.pages import PAGES
from jobs.report.words import METRICS

ROOM = files("jobs.report")
# End tags that HTML lets one leave out: a tenth of a page.
_OPTIONAL = re.compile(r"</(?:td|th|tr)>\n?(?=<(?:td|th|tr|tbody)[ >]|</(?:tr|thead|tbody|table)>)")

FILTERS = (
    "name", "segment", "words", "number", "change", "percent", "lift", "mean", "p_value", "bounds",
    "day", "moment", "duration", "verdict", "mark", "tone",
)  # fmt: skip


def render(
    template: str,
    name: str,
    data: dict[str, Any],
    charts: Sequence[Spec],
    mark: str,
    before: str = "",
) -> str:
    """Return a page as text; charts that the page of before has are taken from it."""
    known = drawn_before(before) if charts else {}
    specs = iter(charts)

    def draw(label: str) -> Markup:
        spec = next(specs)
        return Markup(known.get(spec_hash(spec)) or draw_svg(spec, str(escape(label))))

    script = _squeezed(_file("report.js"))
    html = _environment().get_template(f"{template}.html.j2").render(
        **data,
        draw=draw,
        fingerprint=mark,
        page=name,
        style=Markup(_squeezed(_file("report.css"))),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )  # fmt: skip
    return _OPTIONAL.sub("", _squeezed(html)) + "\n"


def fingerprint(template: str, data: dict[str, Any], charts: Sequence[Spec]) -> str:
    """Return what a page is known by: its data, and the code that renders it."""
    text = json.dumps([template, data, charts], default=str, sort_keys=True)
    return hashlib.sha256(f"{_code_version()}{text}".encode()).hexdigest()


def _file(name: str) -> str:
    return (ROOM / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for each in FILTERS:
        environment.filters[each] = getattr(words, each)
    environment.globals.update(pages=PAGES, metrics=METRICS, scale=small_charts, lines=LINES)
    return environment


@cache
def _code_version() -> str:
    """Return the hash of every file of this room and of what draws the charts."""
    digest = hashlib.sha256(version("vl-convert-python").encode())
    for folder in (ROOM, ROOM / "templates"):
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith((".py", ".j2", ".css", ".js")):
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _squeezed(text: str) -> str:
    """Return the text without indentation and empty lines: two hundred pages are sent around."""
    return re.sub(r"\n\s+", "\n", text).strip()
