"""The charts: Vega-Lite specifications, drawn as SVG without a browser or a network.

An SVG carries names of CSS variables in the place of colours, so that the page decides about light,
dark and print.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

Spec = dict[str, Any]
Day = dict[str, Any]

# Colours that are found again in the SVG, by the CSS variable that takes their place.
VARIABLES = {
    "#010001": "ink", "#010002": "muted", "#010003": "line", "#010004": "accent",
    "#010005": "control", "#010006": "second", "#010007": "third",
}  # fmt: skip
# The same for an image, which cannot adapt.
PAINTED = {
    "ink": "#1b1f24", "muted": "#57606a", "line": "#d8dde3", "accent": "#0b63b0",
    "control": "#6b7480", "second": "#b4480f", "third": "#7a4fb5",
}  # fmt: skip
COLOURS = {name: colour for colour, name in VARIABLES.items()}
# The lines of control and of the variants: they differ by more than colour.
LINES = (
    ("control", (5, 3)), ("accent", (1, 0)), ("second", (9, 2)), ("third", (2, 2)),
    ("ink", (7, 2, 2, 2)),
)  # fmt: skip

# Ratios at which a lift is labelled: -90 % to +900 %.
TICKS = (0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 10)
WIDTH, HEIGHT = 520, 210


def lift_spec(days: Sequence[Day], width: int = WIDTH, height: int = HEIGHT) -> Spec:
    """Return the chart of the cumulative lift with its running interval.

    The scale is that of ratios: half and double are equally far from no effect.
    """
    rows = [
        {
            "day": str(day["as_of_date"]),
            "lift": _ratio(day["lift"]),
            "lower": _ratio(day["running_ci_lower"]),
            "upper": _ratio(day["running_ci_upper"]),
        }
        for day in days
    ]
    low, high = _domain(rows)
    scale = {"type": "log", "domain": [low, high], "nice": False}
    ticks = [tick for tick in TICKS if low <= tick <= high]
    if len(ticks) > 6:
        ticks = [tick for tick in ticks if tick not in (0.75, 1.25, 1.5, 3, 6)]
    axis = {
        "title": None,
        "values": ticks,
        "labelExpr": "datum.value == 1 ? '0%' : format(datum.value - 1, '+.0%')",
    }
    x = _time(rows)
    y = {"field": "lift", "type": "quantitative", "scale": scale, "axis": axis}
    band = [row for row in rows if row["lower"] is not None and row["upper"] is not None]
    return _chart(
        width,
        height,
        rows,
        [
            {
                "data": {"values": band},
                "mark": {"type": "area", "color": COLOURS["accent"], "opacity": 0.2, "clip": True},
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "lower"},
                    "y2": {"field": "upper"},
                },
            },
            {
                "data": {"values": [{"none": 1}]},
                "mark": {"type": "rule", "color": COLOURS["ink"], "strokeDash": [3, 3]},
                "encoding": {"y": {**y, "field": "none"}},
            },
            {
                "transform": [{"filter": "isValid(datum.lift)"}],
                "mark": {
                    "type": "line", "color": COLOURS["accent"], "strokeWidth": 2, "clip": True,
                },
                "encoding": {"x": x, "y": y},
            },
        ],
    )  # fmt: skip


def rates_spec(variants: Sequence[Sequence[Day]]) -> Spec:
    """Return the chart of the conversion rate of control and of each variant.

    The page names the lines: no name of the data is in a chart.
    """
    series = [(0, variants[0], "control_mean")] + [
        (place, days, "variant_mean") for place, days in enumerate(variants, 1)
    ]
    rows = [
        {"day": str(day["as_of_date"]), "arm": place, "rate": day[mean]}
        for place, days, mean in series
        for day in days
        if day[mean] is not None
    ]
    styles = [LINES[0]] + [LINES[1 + place % (len(LINES) - 1)] for place in range(len(variants))]
    domain = list(range(len(styles)))
    return _chart(
        WIDTH,
        HEIGHT,
        rows,
        [
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {
                    "x": _time(rows),
                    "y": {
                        "field": "rate", "type": "quantitative", "scale": {"zero": True},
                        "axis": {"title": None, "format": ".0%", "tickCount": 5},
                    },
                    "color": {
                        "field": "arm", "type": "nominal", "legend": None,
                        "scale": {
                            "domain": domain, "range": [COLOURS[colour] for colour, _ in styles],
                        },
                    },
                    "strokeDash": {
                        "field": "arm", "type": "nominal", "legend": None,
                        "scale": {"domain": domain, "range": [list(dash) for _, dash in styles]},
                    },
                },
            }
        ],
    )  # fmt: skip


def spec_hash(spec: Spec) -> str:
    """Return what identifies a chart among those drawn before: what it shows, and who drew it."""
    text = json.dumps([spec, version("vl-convert-python")], sort_keys=True)
    return hashlib.sha256(Path(__file__).read_bytes() + text.encode()).hexdigest()[:16]


def draw_svg(spec: Spec, label: str) -> str:
    """Draw a chart for a page; `label` is escaped text and says what it shows."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec)
    head, _, marks = svg.partition("<g ")
    (view_box,) = re.findall(r'viewBox="([^"]*)"', head)
    # What a reader of the page hears is the label; and the fonts are the page's.
    marks = re.sub(r' (?:class|role|aria-[a-z]+|pointer-events|font-family)="[^"]*"', "", marks)
    marks = re.sub(r'<path d="M0,0h0v0h0Z"/?>(?:</path>)?', "", marks)
    marks = re.sub(r"(\.\d)\d+", r"\1", marks.replace(' opacity="1"', ""))
    # One page has several charts whose ids must differ, and the library counts on across charts.
    for place, found in enumerate(dict.fromkeys(re.findall(r'id="([^"]*)"', marks))):
        fresh = f"{spec_hash(spec)}-{place}"
        marks = marks.replace(f'"{found}"', f'"{fresh}"').replace(f"(#{found})", f"(#{fresh})")
    for colour, variable in VARIABLES.items():
        marks = marks.replace(f'"{colour}"', f'"var(--{variable})"')
    return (
        f'<svg data-spec="{spec_hash(spec)}" viewBox="{view_box}" role="img" aria-label="{label}">'
        f"<g {marks}"
    )


def drawn_before(page: str) -> dict[str, str]:
    """Return the charts of a page by what identifies them."""
    return {
        found[1]: found[0]
        for found in re.finditer(r'<svg data-spec="([0-9a-f]{16})".*?</svg>', page, re.DOTALL)
    }


def draw_png(spec: Spec, headline: str, lines: Iterable[str]) -> bytes:
    """Draw a chart under a headline, for a chat or a slide."""
    import vl_convert

    titled = {
        **spec,
        "background": "#ffffff",
        "padding": 28,
        "title": {
            "text": headline, "subtitle": list(lines), "anchor": "start", "frame": "group",
            "fontSize": 22, "subtitleFontSize": 14, "subtitlePadding": 10, "offset": 22,
            "subtitleLineHeight": 20, "color": COLOURS["ink"], "subtitleColor": COLOURS["muted"],
        },
    }  # fmt: skip
    text = json.dumps(titled)
    for colour, variable in VARIABLES.items():
        text = text.replace(f'"{colour}"', f'"{PAINTED[variable]}"')
    png: bytes = vl_convert.vegalite_to_png(json.loads(text), scale=2)
    return png


def _chart(width: int, height: int, rows: list[Day], layers: list[Spec]) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "background": None,
        "padding": {"left": 10, "right": 2, "top": 6, "bottom": 2},
        "data": {"values": rows},
        "layer": layers,
        "config": {
            "view": {"stroke": None},
            "axis": {
                "labelColor": COLOURS["muted"], "gridColor": COLOURS["line"], "domain": False,
                "ticks": False, "labelFontSize": 12, "labelPadding": 6,
            },
        },
    }  # fmt: skip


def _time(rows: list[Day]) -> Spec:
    """Return the axis of days: they are dates, read and written in UTC."""
    days = len({row["day"] for row in rows})
    return {
        "field": "day",
        "type": "temporal",
        "scale": {"type": "utc"},
        "timeUnit": "utcyearmonthdate",
        "axis": {
            "title": None, "grid": False, "tickCount": min(5, max(days, 1)),
            "format": "%-d %b" if days < 300 else "%b %Y",
        },
    }  # fmt: skip


def _ratio(lift: float | None) -> float | None:
    """Return one plus a lift, within what a scale of ratios can show."""
    return None if lift is None else min(max(1 + lift, 0.02), 50.0)


def _domain(rows: list[Day]) -> tuple[float, float]:
    """Return what the scale shows: every interval of the later half, and no effect."""
    later = rows[len(rows) // 2 :]
    shown = [row[key] for row in later for key in ("lower", "upper") if row[key] is not None]
    shown = shown or [row["lift"] for row in later if row["lift"] is not None] or [1.0]
    return max(min(shown) / 1.15, 0.1) if min(shown) < 0.9 else 0.75, min(
        max(*shown, 1.25) * 1.15, 10.0
    )
